"""Prints stored passwords, a row each: check, charset, tool, password, stored text; tabs between them."""

import hashlib
import os
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")

PHRASE = "correct horse"
LETTER = "x"
FOREIGN = "Grüße, Łódź, 東京 €"
LATIN = "Größe à la carte"
SIGNS = "pa$$'w\"ord{SSHA}\\ %s"
LONG = "a much longer sentence that nobody would ever want to type, least of all twice in a row. " * 2
LONGEST = "0123456789abcdef" * 32
CLASSIC = "Sunny-4!"  # DES sees eight bytes
USUAL = [PHRASE, FOREIGN, SIGNS, LONG]


def run(command, stdin=None):
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{command[0]}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode().strip()


def first_line(command):
    done = subprocess.run(command, capture_output=True, check=False)
    return (done.stdout or done.stderr).decode(errors="replace").strip().splitlines()[0]


def package(name):
    return run(["dpkg-query", "-W", "-f", "${source:Upstream-Version}", name])


def row(check, tool, password, stored, charset="utf-8"):
    assert stored and "\t" not in password + stored and "\n" not in password + stored, (tool, stored)
    print(check, charset, tool, password, stored, sep="\t")


def openssl():
    tool = "openssl " + first_line(["openssl", "version"]).split()[1]
    for kind in ["-1", "-apr1", "-5", "-6"]:
        for password in USUAL:
            row("crypt", tool, password, run(["openssl", "passwd", kind, "-stdin"], password.encode()))
        latin = LATIN.encode("iso-8859-1")
        row("crypt", tool, LATIN, run(["openssl", "passwd", kind, "-stdin"], latin), "iso-8859-1")
    for kind, salt in [("-1", "a"), ("-apr1", "abcdefgh"), ("-5", "a"), ("-6", "abcdefghijklmnop")]:
        row("crypt", tool, PHRASE, run(["openssl", "passwd", kind, "-salt", salt, "-stdin"], PHRASE.encode()))


def mkpasswd():
    tool = "mkpasswd " + package("whois")
    for kind in ["yescrypt", "bcrypt", "bcrypt-a", "sha512crypt", "sha256crypt", "md5crypt"]:
        rounds = ["-R", "5"] if kind.startswith("bcrypt") else []
        for password in [PHRASE, FOREIGN, LONG.strip()]:
            command = ["mkpasswd", "-s", "-m", kind, *rounds]
            row("crypt", tool, password, run(command, password.encode()))
    for kind, rounds in [("sha512crypt", "1000"), ("sha256crypt", "12345"), ("yescrypt", "1"), ("yescrypt", "6")]:
        command = ["mkpasswd", "-s", "-m", kind, "-R", rounds]
        row("crypt", tool, PHRASE, run(command, PHRASE.encode()))
    for kind in ["descrypt", "bsdicrypt"]:
        for password in [CLASSIC, LETTER, "größe"]:
            row("crypt", tool, password, run(["mkpasswd", "-s", "-m", kind], password.encode()))


def perl():
    tool = "perl " + run(["perl", "-e", "printf '%vd', $^V"]) + ", libxcrypt " + package("libcrypt1")
    script = "local $/; my $p = <STDIN>; print crypt($p, $ARGV[0]) // die 'no crypt'"
    cases = [
        ("$1$$", PHRASE), ("$1$abcdefgh$", FOREIGN), ("$1$./$", ""), ("$5$$", PHRASE), ("$6$$", FOREIGN),
        ("$6$0123456789abcdef$", LONGEST), ("$5$0123456789abcdef$", LONGEST), ("$6$rounds=1000$s$", LETTER),
        ("$5$rounds=10000$abc$", PHRASE), ("$6$rounds=5000$abc$", SIGNS), ("$6$-_%&/=$", PHRASE),
        ("$sha1$1000$abcdefgh$", PHRASE), ("$sha1$2468$" + "s" * 64 + "$", FOREIGN), ("$sha1$4$abc$", LONG),
        ("ab", CLASSIC), ("..", "longer than eight"), ("zz", "größe"), ("./", "\x01\x7f"),
        ("_J9..abcd", PHRASE), ("_/...zzzz", "größere Größe"), ("_z1..2.2.", LONG), ("_12..salt", LETTER),
        ("$2a$04$abcdefghijklmnopqrstuu", PHRASE), ("$2b$04$abcdefghijklmnopqrstuu", "y" * 72),
        ("$2b$04$abcdefghijklmnopqrstuu", "y" * 71), ("$2y$05$......................", FOREIGN),
        ("$2b$06$abcdefghijklmnopqrstuu", LONGEST), ("$2a$05$zyxwvutsrqponmlkjihgfe", "größe"),
        ("$y$j9T$$", PHRASE), ("$y$j75$abcdefgh$", FOREIGN), ("$y$jAT$0123456789abcdefghijk1$", LONG),
        ("$y$j6T$abcd$", PHRASE), ("$y$j85$0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef$", LETTER),
        ("$y$j9T$abcdefghijkl$", LONGEST),
    ]
    for setting, password in cases:
        password = password[:511]  # libxcrypt takes no more
        stored = run(["perl", "-e", script, setting], password.encode())
        if stored.startswith("*"):
            sys.exit(f"perl: {setting} is refused")
        row("crypt", tool, password, stored)
    stored = run(["perl", "-e", script, "$6$latin$"], LATIN.encode("iso-8859-1"))
    row("crypt", tool, LATIN, stored, "iso-8859-1")
    stored = run(["perl", "-e", script, "la"], "Größe".encode("iso-8859-1"))
    row("crypt", tool, "Größe", stored, "iso-8859-1")
    stored = run(["perl", "-e", script, "$2b$04$abcdefghijklmnopqrstuu"], "пароль".encode("koi8-r"))
    row("bcrypt", tool, "пароль", stored, "koi8-r")


def htpasswd():
    tool = "htpasswd " + package("apache2-utils")
    for options, check in [("-m", "crypt"), ("-2", "crypt"), ("-5", "crypt"), ("-B", "bcrypt"), ("-d", "crypt"),
                           ("-s", "ldap")]:
        for password in [CLASSIC, "größe"]:
            line = run(["htpasswd", "-n", "-i", options, "somebody"], password.encode())
            row(check, tool, password, line.split(":", 1)[1])


def php():
    tool = "php " + run(["php", "-r", "echo PHP_VERSION;"])
    script = "echo password_hash(stream_get_contents(STDIN), constant($argv[1]), json_decode($argv[2], true));"
    for kind, options, check in [
        ("PASSWORD_BCRYPT", '{"cost":4}', "bcrypt"),
        ("PASSWORD_ARGON2I", '{"memory_cost":1024,"time_cost":2,"threads":1}', "argon2"),
        ("PASSWORD_ARGON2ID", '{"memory_cost":1024,"time_cost":3,"threads":1}', "argon2"),
    ]:
        for password in [PHRASE, FOREIGN]:
            row(check, tool, password, run(["php", "-r", script, kind, options], password.encode()))


def slappasswd():
    tool = "slappasswd " + package("slapd")
    digests = ["SHA256", "SHA384", "SHA512", "SSHA256", "SSHA384", "SSHA512"]
    modules = {**dict.fromkeys(digests, "pw-sha2"), "ARGON2": "argon2"}
    schemes = ["MD5", "SMD5", "SHA", "SSHA", "SHA256", "SSHA256", "SHA384", "SSHA384", "SHA512", "SSHA512", "PBKDF2",
               "PBKDF2-SHA1", "PBKDF2-SHA256", "PBKDF2-SHA512", "ARGON2", "CRYPT"]
    for scheme in schemes:
        for password in [PHRASE, FOREIGN]:
            load = ["-o", "module-path=/usr/lib/ldap", "-o", f"module-load={modules.get(scheme, 'pw-pbkdf2')}"]
            command = ["slappasswd", "-n", *load, "-h", "{" + scheme + "}", "-T", "/dev/stdin"]
            row("ldap", tool, password, run(command, password.encode()))
    for setting in ["$1$%.8s", "$5$%.16s", "$6$%.16s", "$6$rounds=2000$%.12s"]:
        command = ["slappasswd", "-n", "-c", setting, "-T", "/dev/stdin"]
        row("ldap", tool, SIGNS, run(command, SIGNS.encode()))
    command = ["slappasswd", "-n", "-h", "{SSHA}", "-T", "/dev/stdin"]
    row("ldap", tool, LATIN, run(command, LATIN.encode("iso-8859-1")), "iso-8859-1")


def argon2():
    tool = "argon2 " + package("argon2")
    for kind in ["-i", "-d", "-id"]:
        for version in ["10", "13"]:
            command = ["argon2", "somesalt", kind, "-v", version, "-t", "2", "-k", "512", "-p", "2", "-e"]
            row("argon2", tool, FOREIGN, run(command, FOREIGN.encode()))
    for options in [["-l", "64"], ["-l", "16"], ["-t", "5"], ["-p", "4"]]:
        command = ["argon2", "a salt of more bytes than usual.", "-id", "-k", "256", *options, "-e"]
        row("argon2", tool, PHRASE, run(command, PHRASE.encode()))
    command = ["argon2", "somesalt", "-id", "-t", "2", "-k", "19456", "-p", "1", "-e"]
    row("argon2", tool, LATIN, run(command, LATIN.encode("iso-8859-1")), "iso-8859-1")


def argon2_cffi():
    import argon2 as library

    tool = "argon2-cffi 25.1.0"
    hasher = library.PasswordHasher(time_cost=2, memory_cost=1024, parallelism=4)
    for password in [*USUAL, LONGEST, ""]:
        if password:
            row("argon2", tool, password, hasher.hash(password))
    row("ldap", tool, PHRASE, "{ARGON2}" + hasher.hash(PHRASE))
    row("ldap", tool, PHRASE, "{argon2}" + hasher.hash(PHRASE))


def python_bcrypt():
    import bcrypt

    tool = "bcrypt (Python) 5.0.0"
    for prefix in [b"2a", b"2b"]:
        for password in [PHRASE, FOREIGN, "y" * 72]:
            stored = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4, prefix)).decode()
            row("bcrypt", tool, password, stored)


def passlib():
    import passlib as library
    from passlib import hash as hashes

    def few_rounds(name):
        """The usual number is for one check, not for all that the tests do."""
        hasher = getattr(hashes, name)
        return hasher.using(rounds=1001) if "rounds" in hasher.setting_kwds else hasher

    tool = "passlib " + library.__version__
    for name in ["md5_crypt", "apr_md5_crypt", "des_crypt", "bsdi_crypt", "sha1_crypt", "sha256_crypt", "sha512_crypt"]:
        for password in [CLASSIC, "größe"]:
            row("crypt", tool, password, few_rounds(name).hash(password))
    row("crypt", tool, PHRASE, hashes.sha512_crypt.using(rounds=1000, salt="").hash(PHRASE))
    row("crypt", tool, PHRASE, hashes.sha256_crypt.using(rounds=1000, salt="a" * 16).hash(PHRASE))
    for name in ["pbkdf2_sha1", "pbkdf2_sha256", "pbkdf2_sha512"]:
        hasher = getattr(hashes, name)
        if name == "pbkdf2_sha256":
            row("pbkdf2", tool, PHRASE, hasher.hash(PHRASE))
        for password in [FOREIGN, LONGEST]:
            row("pbkdf2", tool, password, hasher.using(rounds=1000).hash(password))
        row("pbkdf2", tool, SIGNS, hasher.using(rounds=1, salt_size=0).hash(SIGNS))
        row("pbkdf2", tool, SIGNS, hasher.using(rounds=20, salt_size=100).hash(SIGNS))
        ldap = getattr(hashes, "ldap_" + name).using(rounds=500)
        for password in [PHRASE, FOREIGN]:
            row("ldap", tool, password, ldap.hash(password))
    for name in ["ldap_md5", "ldap_sha1", "ldap_salted_md5", "ldap_salted_sha1", "ldap_salted_sha256",
                 "ldap_salted_sha512", "ldap_des_crypt", "ldap_md5_crypt", "ldap_sha256_crypt", "ldap_sha512_crypt",
                 "ldap_bsdi_crypt", "ldap_sha1_crypt"]:
        for password in [CLASSIC, "größe"]:
            row("ldap", tool, password, few_rounds(name).hash(password))
    row("ldap", tool, PHRASE, hashes.ldap_salted_sha1.using(salt_size=16).hash(PHRASE))
    for name in ["md5", "sha1", "sha256", "sha512"]:
        for password in [PHRASE, FOREIGN]:
            row("hex_" + name, tool, password, getattr(hashes, "hex_" + name).hash(password))


def hashlib_digests():
    tool = "hashlib, Python " + ".".join(map(str, sys.version_info[:3]))
    for name in ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]:
        digest = hashlib.new(name, LATIN.encode("iso-8859-1")).hexdigest()
        row("hex_" + name, tool, LATIN, digest, "iso-8859-1")
        row("hex_" + name, tool, LONGEST, hashlib.new(name, LONGEST.encode()).hexdigest().upper())
    row("hex_sha1", tool, "日本語", hashlib.sha1("日本語".encode("shift_jis")).hexdigest(), "shift_jis")
    row("hex_md5", tool, "naïve €", hashlib.md5("naïve €".encode("cp1252")).hexdigest(), "windows-1252")


def hashlib_pbkdf2():
    """The PHC form, which none of the tools above writes."""
    from base64 import b64encode

    tool = "hashlib, Python " + ".".join(map(str, sys.version_info[:3]))
    text = lambda data: b64encode(data).decode().rstrip("=")
    for name in ["sha1", "sha224", "sha256", "sha384", "sha512"]:
        for password, rounds, length in [(PHRASE, 1000, 32), (FOREIGN, 10, 20), (LONG, 3, 100)]:
            salt = os.urandom(16)
            found = hashlib.pbkdf2_hmac(name, password.encode(), salt, rounds, length)
            front = f"$pbkdf2-{name}$i={rounds},l={length}$"
            row("pbkdf2", tool, password, front + text(salt) + "$" + text(found))
    found = hashlib.pbkdf2_hmac("sha512", LATIN.encode("iso-8859-1"), b"salt", 310, 64)
    row("pbkdf2", tool, LATIN, "$pbkdf2-sha512$310$" + text(b"salt") + "$" + text(found), "iso-8859-1")


def django_now():
    import django
    from django.conf import settings

    settings.configure()
    from django.contrib.auth import hashers

    tool = "Django " + django.get_version()
    for password in USUAL:
        row("django", tool, password, hashers.PBKDF2PasswordHasher().encode(password, "NaCl", 1000))
        row("django", tool, password, hashers.PBKDF2SHA1PasswordHasher().encode(password, "NaCl", 1000))
        row("django", tool, password, hashers.MD5PasswordHasher().encode(password, "seasalt"))
    row("django", tool, PHRASE, hashers.PBKDF2PasswordHasher().encode(PHRASE, "s" * 100, 7))
    row("django", tool, PHRASE, hashers.PBKDF2PasswordHasher().encode(PHRASE, "größe", 7))
    row("django", tool, LONGEST, hashers.PBKDF2SHA1PasswordHasher().encode(LONGEST, hashers.BasePasswordHasher().salt(), 7))

    small = type("Small", (hashers.Argon2PasswordHasher,), {"memory_cost": 512, "parallelism": 2})()
    quick = type("Quick", (hashers.BCryptSHA256PasswordHasher,), {"rounds": 4})()
    plain = type("Plain", (hashers.BCryptPasswordHasher,), {"rounds": 5})()
    for password in [PHRASE, FOREIGN, LONG]:
        row("django", tool, password, small.encode(password, "a salt of bytes"))
        row("django", tool, password, quick.encode(password, quick.salt()))
        row("django", tool, password, hashers.ScryptPasswordHasher().encode(password, "NaCl", n=1024))
    for password in [PHRASE, FOREIGN]:
        row("django", tool, password, plain.encode(password, plain.salt()))
    row("django", tool, PHRASE, hashers.ScryptPasswordHasher().encode(PHRASE, "NaCl", n=16, r=1, p=1))


def django_then():
    import django
    from django.conf import settings

    settings.configure()
    from django.contrib.auth import hashers

    tool = "Django " + django.get_version()
    for password in USUAL:
        row("django", tool, password, hashers.SHA1PasswordHasher().encode(password, "seasalt"))
    for password in [PHRASE, FOREIGN]:
        row("django", tool, password, hashers.UnsaltedSHA1PasswordHasher().encode(password, ""))
        row("django", tool, password, hashers.UnsaltedMD5PasswordHasher().encode(password, ""))
    try:
        row("django", tool, CLASSIC, hashers.CryptPasswordHasher().encode(CLASSIC, "ab"))
    except (ImportError, ModuleNotFoundError):
        print("this Python has no crypt: no row for it", file=sys.stderr)


HEAD = """\
# Stored passwords by the tools of other people, made by integration/hashes/make.
# check, password_charset, tool, password, stored text; a tab between them."""

if __name__ == "__main__":
    match sys.argv[1]:
        case "head":
            print(HEAD)
        case "then":
            django_then()
        case _:
            for part in [openssl, mkpasswd, perl, htpasswd, php, slappasswd, argon2, argon2_cffi, python_bcrypt,
                         passlib, hashlib_digests, hashlib_pbkdf2, django_now]:
                part()
