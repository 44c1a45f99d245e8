"""Documents as pictures, as plain text, and as searchable copies; all made in the sandbox, never from the browser's side.

`service.Renderer` is the front door. Pictures are encoded anew from pixels, so nothing that hid in the original reaches
a viewer.
"""
