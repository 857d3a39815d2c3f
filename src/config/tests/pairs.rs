//! The certificate by which an institution knows us, and its key: what no TLS could show is told of when files are
//! read.

use super::places::{provider, told};

const OLD: (&str, &str) = (include_str!("pairs/v1.pem"), include_str!("pairs/v1.key"));

/// One file of the test: a certificate and the key of it, as PEM.
fn pair() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["ours.example".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

/// All that is told of a pair.
fn of(certificate: &str, key: &str) -> Vec<String> {
    let entry = provider("north.example", "client_cert_file = \"ours.pem\"\nclient_key_file = \"ours.key\"");
    told(&[("providers.d/n.toml", &entry), ("ours.pem", certificate), ("ours.key", key)])
}

#[test]
fn what_can_be_shown() {
    let (certificate, key) = pair();
    let (issuer, _) = pair();
    let both = format!("{certificate}{key}");
    for (certificate, key) in [
        (&certificate, &key),
        (&format!("{certificate}{issuer}"), &key),
        (&both, &both),
        (&certificate, &format!("{key}{certificate}")),
    ] {
        assert_eq!(of(certificate, key), [""; 0]);
    }
}

#[test]
fn what_cannot() {
    let (certificate, key) = pair();
    let (other, other_key) = pair();
    let request = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";
    let kind = "6:19 the private key is of a kind that cannot be used";
    let stranger = "6:19 the private key is not that of the first certificate in `client_cert_file`";
    for (certificate, key, expected) in [
        (certificate.as_str(), other_key.as_str(), stranger),
        (&format!("{other}{certificate}"), &key, stranger),
        (&certificate, include_str!("pairs/p521.key"), kind),
        (&certificate, include_str!("pairs/secp256k1.key"), kind),
        (&certificate, include_str!("pairs/rsa1024.key"), kind),
        (OLD.0, OLD.1, "5:20 the first certificate in the file cannot be shown"),
        (&certificate, &format!("{key}{other_key}"), "6:19 the file holds more than one private key"),
        (&format!("{request}{certificate}"), &key, "5:20 the file holds more than certificates"),
    ] {
        let told = of(certificate, key);
        let [one] = told.as_slice() else { panic!("{expected}: {told:#?}") };
        assert!(one.starts_with(&format!("providers.d/n.toml:{expected}")), "{one}\n{expected}");
    }
}
