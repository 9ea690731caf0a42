"""The makers of the reference pages, one file each."""
