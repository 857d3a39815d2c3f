//! What is never an attribute, from whatever source: passwords and their hashes.

use crate::protocol::attributes::Attributes;

/// Names that hold passwords, hashes of them or keys made from them: without regard to case, `-` and `_`.
const SECRETS: [&str; 46] = [
    "password",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "userpassword",
    "userpasswd",
    "userpwd",
    "loginpassword",
    "clearpassword",
    "cleartextpassword",
    "plainpassword",
    "passwordhash",
    "passwordsalt",
    "passworddigest",
    "passwordhistory",
    "hashedpassword",
    "encryptedpassword",
    "cryptpassword",
    "cryptedpassword",
    "hashpassword",
    "md5password",
    "oldpassword",
    "newpassword",
    "shadowpassword",
    "authpassword",
    "unicodepwd",
    "dbcspwd",
    "ntpwdhistory",
    "lmpwdhistory",
    "supplementalcredentials",
    "msdsmanagedpassword",
    "msmcsadmpwd",
    "mslapspassword",
    "mslapsencryptedpassword",
    "ntpassword",
    "lmpassword",
    "sambantpassword",
    "sambalmpassword",
    "sambapasswordhistory",
    "sambacleartextpassword",
    "krbprincipalkey",
    "krbpwdhistory",
    "ipanthash",
    "pwdhistory",
    "userpkcs12",
];

/// The number of `userPassword` in directories, as some write attributes.
const USER_PASSWORD: &str = "2.5.4.35";

/// Whether an attribute of this name is never told, under no name and to nobody.
pub fn is_secret(name: &str) -> bool {
    // `userPassword;x-hashed` is `userPassword` with an option.
    let base = name.split(';').next().unwrap_or(name).trim();
    let number = base.strip_prefix("urn:oid:").or_else(|| base.strip_prefix("OID.")).unwrap_or(base);
    let plain: String = base.chars().filter(|c| !matches!(c, '-' | '_')).collect::<String>().to_lowercase();
    number == USER_PASSWORD || SECRETS.contains(&plain.as_str())
}

/// The attributes without those that are never told.
pub fn without_secrets(mut attributes: Attributes) -> Attributes {
    let secret: Vec<String> =
        attributes.iter().map(|(name, _)| name).filter(|name| is_secret(name)).map(str::to_owned).collect();
    for name in secret {
        attributes.remove(&name);
    }
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_passwords() {
        for name in [
            "password",
            "Password",
            "userPassword",
            "userPassword;x-md5",
            "USERPASSWORD",
            "user_password",
            "passwd",
            "pwd",
            "unicodePwd",
            "dBCSPwd",
            "sambaNTPassword",
            "sambaLMPassword",
            "krbPrincipalKey",
            "authPassword",
            "password-hash",
            "ms-Mcs-AdmPwd",
            "urn:oid:2.5.4.35",
            "2.5.4.35",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in ["mail", "passport", "pwdLastSet", "passwordExpiresAt", "compass", "2.5.4.3", ""] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn they_are_dropped() {
        let mut all = Attributes::new();
        for name in ["mail", "Password", "userPassword", "cn"] {
            all.push(name, "x");
        }
        let left: Vec<_> = without_secrets(all).iter().map(|(name, _)| name.to_owned()).collect();
        assert_eq!(left, ["mail", "cn"]);
    }
}
