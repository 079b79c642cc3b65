"""Where this machine's own packages come from, for a Debian of another release in a folder."""

import subprocess

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def source(release: str) -> str:
    """The line of a sources list for that release."""
    lines = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN) $(COMPONENT)",
                            "Created-By: Packages"], capture_output=True, text=True, check=True).stdout
    mirror = next(line.split()[0] for line in lines.splitlines()
                  if line.endswith(" Debian main") and "security" not in line)
    return f"deb [signed-by={KEYRING}] {mirror} {release} main"
