"""A provider of identities in a process of its own, which tests take away and bring back with other keys."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".venv/oidc-provider"


class IdentityProvider:
    def __init__(self, url, platform):
        self.url, self.platform = url, platform
        self.process = None

    def start(self):
        """Starts it with new keys; whoever was signed in there is no more."""
        assert TOOLS.exists(), "scripts/install-oidc-tools.sh installs what is missing"
        port = self.url.rsplit(":", 1)[1]
        command = ["node", str(ROOT / "tests/page/provider/provider.mjs"), port, self.platform, str(TOOLS)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout.readline().strip() == "listening", "the provider does not start"

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None
