"""Settings of the viewer."""

ARCHIVE = "https://archive.example.org/studies"
GITLAB_TOKEN = "<<glpat-[A-Za-z0-9]{20}>>"
PAGE_SIZE = 50
