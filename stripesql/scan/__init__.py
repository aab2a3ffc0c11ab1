"""Schedule the requests of a scan and give its rows."""
