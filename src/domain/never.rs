//! What is never an attribute, from whatever source: passwords and their hashes.

use crate::protocol::attributes::Attributes;

/// Names that hold passwords, hashes of them or keys made from them: letters and digits, without regard to case.
const SECRETS: [&str; 47] = [
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
    // What CAS servers call the password that they hand on ("clear pass").
    "credential",
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

/// Their numbers in directories, as some write attributes.
const NUMBERS: [&str; 18] = [
    // userPassword, authPassword, userPKCS12
    "2.5.4.35",
    "1.3.6.1.4.1.4203.1.3.4",
    "2.16.840.1.113730.3.1.216",
    // unicodePwd, dBCSPwd, ntPwdHistory, lmPwdHistory, supplementalCredentials, msDS-ManagedPassword
    "1.2.840.113556.1.4.90",
    "1.2.840.113556.1.4.55",
    "1.2.840.113556.1.4.94",
    "1.2.840.113556.1.4.160",
    "1.2.840.113556.1.4.125",
    "1.2.840.113556.1.4.2196",
    // ms-Mcs-AdmPwd
    "1.2.840.113556.1.8000.2554.50051.45980.28112.18903.35903.6685103.1224907.2.1",
    // lmPassword, ntPassword, sambaLMPassword, sambaNTPassword, sambaPasswordHistory, sambaClearTextPassword
    "1.3.6.1.4.1.7165.2.1.1",
    "1.3.6.1.4.1.7165.2.1.2",
    "1.3.6.1.4.1.7165.2.1.24",
    "1.3.6.1.4.1.7165.2.1.25",
    "1.3.6.1.4.1.7165.2.1.54",
    "1.3.6.1.4.1.7165.2.1.68",
    // krbPrincipalKey, pwdHistory
    "2.16.840.1.113719.1.301.4.39.1",
    "1.3.6.1.4.1.42.2.27.8.1.20",
];

/// Whether an attribute of this name is never told, under no name and to nobody.
pub fn is_secret(name: &str) -> bool {
    // `userPassword;x-hashed` is `userPassword` with an option, and `userPassword{MD5}` says how it is kept.
    let base = name.split([';', '{']).next().unwrap_or(name).trim().to_lowercase();
    // `urn:oid:2.5.4.35`, `oid.2.5.4.35`.
    let number = base.rsplit(':').next().unwrap_or(&base).trim();
    let number = number.strip_prefix("oid.").unwrap_or(number);
    // `ldap:userPassword`, `account.password`.
    let last = base.rsplit([':', '.']).next().unwrap_or(&base);
    let is_listed = |text: &str| {
        let plain: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
        SECRETS.contains(&plain.as_str())
    };
    NUMBERS.contains(&number) || is_listed(&base) || is_listed(last)
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
            "credential",
            "ms-Mcs-AdmPwd",
            "urn:oid:2.5.4.35",
            "2.5.4.35",
            "URN:OID:2.5.4.35",
            "oid.2.5.4.35",
            "OID:2.5.4.35;binary",
            "user.password",
            "account.password",
            "user password",
            "pass word",
            "cas:userPassword",
            "ldap:userPassword",
            "userPassword{MD5}",
            "userPassword;lang-en",
            "1.2.840.113556.1.4.90",
            "urn:oid:1.3.6.1.4.1.7165.2.1.25",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "mail",
            "passport",
            "credentialType",
            "pwdLastSet",
            "passwordExpiresAt",
            "passwordExpirationTime",
            "urn:x:passwordExpirationTime",
            "password.expires",
            "compass",
            "2.5.4.3",
            "urn:oid:2.5.4.3",
            "12.5.4.35",
            "2.5.4.35.1",
            "",
            "{",
            ":",
        ] {
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
