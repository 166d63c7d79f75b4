"""What a laptop needs beside the app: a stand-in cloud to put in front of it. Never packaged."""
