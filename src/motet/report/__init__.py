"""The report: one offline page drawn from a packed run."""

from motet.report.write import write_report

__all__ = ["write_report"]
