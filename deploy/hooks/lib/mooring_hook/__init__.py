"""What the ready-made hooks share. Python's standard library only.

hook      the move, and how a hook ends: start here
settings  the file with a hook's settings
note      what a hook remembers until its next run
rest      one HTTP exchange; JSON APIs with a token, which linode and digitalocean use
aws       signed requests, and what AWS's refusals mean; aws_credentials, sigv4
dns       which record should point where
"""
