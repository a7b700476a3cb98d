"""What phones bring home: batches over the network, files by hand."""
