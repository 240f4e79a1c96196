"""Files of samples that others recorded: CSV, Parquet, NPZ and Axivity CWA, read into one form.

`files.read_parts` is the way in. A reader knows its format alone (`table.Table`); what the columns
mean (`columns`), their units (`units`) and their times (`clock`) are found once for all of them, and
the samples lie on the disk while they are worked on (`spool`), so that a long file needs little memory.
"""
