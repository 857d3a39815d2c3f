//! A certificate and its private key, by which a server knows us: whether TLS could show them at all. Nothing else
//! looks before the first client is built from them, and that stops the gateway.

use rustls::Error;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::{PemObject, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::page::Words;
use super::section::Found;
use super::texts::{Files, LARGEST};

/// What stands in a PEM text: the kind of a part, and its bytes.
type Part = (SectionKind, Vec<u8>);

/// Whether the files of a pair make one. Records why they do not, at the key whose file it is.
///
/// In: the paths, of files that were read before, each with something of its kind in it.
pub fn fits(certificate: &Found<'_, &str>, key: &Found<'_, &str>, files: &Files) -> bool {
    let parts = |found: &Found<'_, &str>| -> Option<Vec<Part>> {
        let content = files.read(found.value, LARGEST).ok()?;
        PemObject::pem_slice_iter(&content).collect::<Result<_, _>>().ok()
    };
    let (Some(shown), Some(secret)) = (parts(certificate), parts(key)) else {
        key.spot.error("this certificate and its key cannot be read as PEM");
        return false;
    };
    let is_plain = |found: &Found<'_, &str>, parts: &[Part]| {
        let odd = parts.iter().any(|(kind, _)| !is_key(*kind) && *kind != SectionKind::Certificate);
        if odd {
            found.spot.error("the file holds more than certificates and their private key");
        }
        !odd
    };
    if !is_plain(certificate, &shown) || !is_plain(key, &secret) {
        return false;
    }
    if secret.iter().filter(|(kind, _)| is_key(*kind)).count() > 1 {
        key.spot.error("the file holds more than one private key");
        return false;
    }
    let Some(private) = secret.into_iter().find_map(|(kind, der)| PrivateKeyDer::from_pem(kind, der)) else {
        return true;
    };
    let chain = shown.into_iter().filter(|(kind, _)| *kind == SectionKind::Certificate);
    let chain = chain.map(|(_, der)| CertificateDer::from(der)).collect();
    match pair(chain, private) {
        Ok(()) => true,
        Err(Unfit::Key) => {
            let words = Words::new("the private key is of a kind that cannot be used");
            key.spot.tell(words.hint("RSA of 2048 to 4096 bits, ECDSA on P-256 or P-384, or Ed25519"));
            false
        }
        Err(Unfit::Certificate) => {
            let words = Words::new("the first certificate in the file cannot be shown");
            certificate.spot.tell(words.hint("it must be one of X.509 version 3, as authorities give out"));
            false
        }
        Err(Unfit::Strangers) => {
            let words =
                Words::new("the private key is not that of the first certificate in `client_cert_file`");
            key.spot.tell(words.hint("our own certificate comes first, then those that signed it"));
            false
        }
    }
}

/// Why TLS cannot show a pair.
enum Unfit {
    Key,
    Certificate,
    Strangers,
}

/// The very question that is asked of a pair when a client is built from it.
fn pair(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<(), Unfit> {
    let provider = default_provider();
    if provider.key_provider.load_private_key(key.clone_key()).is_err() {
        return Err(Unfit::Key);
    }
    match CertifiedKey::from_der(chain, key, &provider) {
        Ok(_) => Ok(()),
        Err(Error::InconsistentKeys(_)) => Err(Unfit::Strangers),
        Err(_) => Err(Unfit::Certificate),
    }
}

fn is_key(kind: SectionKind) -> bool {
    matches!(kind, SectionKind::PrivateKey | SectionKind::RsaPrivateKey | SectionKind::EcPrivateKey)
}
