"""Read lists in slices, under schedules that hypothesis can repeat."""
