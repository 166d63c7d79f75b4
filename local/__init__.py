"""What runs the app on a laptop: a stand-in cloud, and what AWS does for it. Never packaged."""
