"""The desk: pages for staff. What all of them share; each module brings its own pages."""
