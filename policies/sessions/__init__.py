"""Sessions of people on the pages: who has signed in with a browser, and until when."""
