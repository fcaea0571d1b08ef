"""文书 (documents): paper that comes in as pictures. Nothing here knows a case or a database."""
