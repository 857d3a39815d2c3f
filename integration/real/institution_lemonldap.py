"""An institution: Debian's LemonLDAP::NG as a CAS server, with the three people of its demonstration.

Everything that it reads and writes is in INSTITUTION_DATA; nothing of /etc or of a
service of the system is used. It answers at INSTITUTION_URL. This writes the
configuration and becomes the server.
"""

import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from wsgi import address

URL = address("INSTITUTION_URL")
DATA = Path(os.environ["INSTITUTION_DATA"]).resolve()
AT = urlsplit(URL)

# A sign-in older than this, in seconds, does not count as a fresh one: `renew` then asks again.
FRESH = 2

# What it tells of everybody, beside the accounts' own `cn`, `mail` and `uid`: expressions of its
# language, where a text is bytes. Its answers do not escape the sign in the third.
SAYS = {"displayName": r'"Zo\xc3\xab of " . $uid', "roles": '"staff; member"', "motto": '"R&D"'}
TELLS = ("cn", "mail", "uid", *SAYS)


def kept_in(name: str) -> dict[str, str]:
    """One kind of session, in files."""
    (DATA / name / "lock").mkdir(parents=True, exist_ok=True)
    return {
        "Directory": str(DATA / name),
        "LockDirectory": str(DATA / name / "lock"),
        "generateModule": "Lemonldap::NG::Common::Apache::Session::Generate::SHA256",
    }


def configuration() -> dict[str, object]:
    """The smallest one that makes a CAS server of the portal; whatever is not here has its default."""
    return {
        "cfgNum": 1,
        "cfgAuthor": "the real walk",
        "cfgDate": 1,
        "domain": AT.hostname,
        "portal": f"{AT.scheme}://{AT.netloc}/",
        "cookieName": "lemonldap",
        "securedCookie": 0,
        "key": "an institution on loopback, for one run",
        "whatToTrace": "_whatToTrace",
        "authentication": "Demo",
        "userDB": "Same",
        "passwordDB": "Null",
        "registerDB": "Null",
        "demoExportedVars": {"cn": "cn", "mail": "mail", "uid": "uid"},
        "macros": {"_whatToTrace": "$_user", **SAYS},
        "multiValuesSeparator": "; ",
        "globalStorage": "Apache::Session::File",
        "globalStorageOptions": kept_in("sessions"),
        "persistentStorage": "Apache::Session::File",
        "persistentStorageOptions": kept_in("persistent"),
        "localSessionStorage": "Cache::NullCache",
        "localSessionStorageOptions": {},
        "issuerDBCASActivation": 1,
        "issuerDBCASPath": f"^{AT.path}/",
        "issuerDBCASRule": 1,
        "casAccessControlPolicy": "none",
        "casAttr": "uid",
        "casAttributes": {name: name for name in TELLS},
        "casBackChannelSingleLogout": 1,
        "casTicketExpiration": 60,
        "portalForceAuthnInterval": FRESH,
        "requireToken": 0,
        "tokenUseGlobalStorage": 1,
        "captcha_login_enabled": 0,
        "captcha_mail_enabled": 0,
        "captcha_register_enabled": 0,
        "portalCheckLogins": 0,
        "loginHistoryEnabled": 0,
        "notification": 0,
        "locationRules": {AT.hostname: {"default": "accept"}},
        "exportedHeaders": {},
        "applicationList": {},
        "trustedDomains": "*",
        "cspFormAction": "*",
    }


FILES = """[all]
logLevel = notice
logger = Lemonldap::NG::Common::Logger::Std
userLogger = Lemonldap::NG::Common::Logger::Std
[configuration]
type = File
dirName = {data}/conf
localStorage = Cache::NullCache
localStorageOptions = {{}}
[portal]
staticPrefix = /static
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
[handler]
status = 0
"""


def main() -> None:
    (DATA / "conf").mkdir(parents=True, exist_ok=True)
    (DATA / "conf" / "lmConf-1.json").write_text(json.dumps(configuration(), indent=1))
    ini = DATA / "lemonldap-ng.ini"
    ini.write_text(FILES.format(data=DATA))
    serve = Path(__file__).with_name("institution_lemonldap.pl")
    environment = {**os.environ, "LLNG_DEFAULTCONFFILE": str(ini)}
    os.execvpe("perl", ["perl", str(serve), str(AT.hostname), str(AT.port)], environment)


if __name__ == "__main__":
    main()
