"""A retailer made up for trying Chopbook: stores in Hong Kong, goods with Chinese names, two weeks of movements."""
