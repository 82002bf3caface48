"""Invoices and credit notes: requested by what happens to orders, issued by a job."""
