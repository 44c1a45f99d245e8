"""Full text search over documents: derived data, made again from the documents whenever it is lost.

Front door: `documents.search.index.SearchIndex`. What it is given: `documents.search.model.SearchText`.
"""
