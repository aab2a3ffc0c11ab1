"""Build the catalogue's data from Stripe's OpenAPI file.

``spec`` reads the file, ``shapes`` names what a schema is, ``columns`` flattens, ``parameters`` keeps inputs nested,
``tables`` and ``actions`` put them together with the reviewed ``quirks``, ``store`` writes, ``report`` counts.
"""
