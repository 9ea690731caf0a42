"""The endpoints, one file per thing they are about."""
