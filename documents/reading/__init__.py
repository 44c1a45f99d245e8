"""Reading paper: pictures and PDFs into words with places, confidences and barcodes."""
