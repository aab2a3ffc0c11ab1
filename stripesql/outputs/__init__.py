r"""Write Arrow batches as text, CSV, JSON, Parquet and spreadsheets, one format per file.

``formats.FORMATS`` lists them. Each is a ``rows.Writer``: it reads ``Rows`` once, front to back, and writes bytes (text
is UTF-8, lines end in ``\n`` everywhere). Nothing here knows a database, a terminal or a file name.
"""
