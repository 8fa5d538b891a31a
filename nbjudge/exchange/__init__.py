"""nbgrader's exchange, read as the work of somebody who wants to harm: names, folders, links, dates and owners."""
