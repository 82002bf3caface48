"""The pages for operators: the state of each module, its parked events, its audits, what people did by hand."""
