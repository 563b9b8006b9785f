"""An authority of our own and what it signs, by openssl: made anew for each run."""

import pathlib
import ssl
import subprocess


class Authority:
    """Signs; everything it makes lies in `folder`."""

    def __init__(self, folder, name="an authority"):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.certificate, self.key = self.folder / "ca.pem", self.folder / "ca.key"
        openssl("req", "-x509", *self._new_key(self.key), "-out", self.certificate, "-days", "2", "-subj", f"/CN={name}",
                "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")

    @staticmethod
    def _new_key(path):
        return "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", path

    def issue(self, name, *alternatives):
        """Certificate and key for these subjectAltName entries, as `DNS:pbx.example`."""
        chain, key, request = (self.folder / f"{name}.{end}" for end in ("pem", "key", "csr"))
        openssl("req", "-new", *self._new_key(key), "-out", request, "-subj", f"/CN={name}",
                "-addext", f"subjectAltName={','.join(alternatives)}")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                "-days", "2", "-copy_extensions", "copy", "-out", chain)
        return chain, key

    def client(self, chain=None, key=None):
        """Trusts the authority, and shows a certificate if it has one."""
        context = ssl.create_default_context(cafile=self.certificate)
        if chain:
            context.load_cert_chain(chain, key)
        return context

    def server(self, chain, key):
        """Shows this certificate, and wants one of the authority's."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        context.load_verify_locations(self.certificate)
        context.verify_mode = ssl.CERT_REQUIRED
        return context


def openssl(*words):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, timeout=30, check=False)
    if done.returncode != 0:
        raise OSError(f"openssl {words[0]}: {done.stderr.strip()}")
