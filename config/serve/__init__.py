"""`manage.py serve`: the whole system as children of one small process, which loads no Django application itself."""
