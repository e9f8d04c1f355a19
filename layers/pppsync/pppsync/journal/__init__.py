"""What is kept between runs in the journal bucket: overwritten passwords, cuts of the day, withheld plans, holds."""
