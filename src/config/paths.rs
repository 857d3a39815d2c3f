//! Keys that name a file.

use std::path::PathBuf;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::page::Spot;
use super::picture::{self, Kind};
use super::texts::{Files, LARGEST};

/// A picture: there, `.svg` or `.png`, small, and one that may be served.
pub fn image(key: &str, path: &str, spot: &Spot<'_>, files: &Files) -> Option<PathBuf> {
    let Some(kind) = Kind::of(path) else {
        spot.error(format!("`{key}` must be an .svg or .png file"));
        return None;
    };
    let content = contents(path, spot, files, LARGEST)?;
    match picture::check(&content, kind) {
        Ok(()) => Some(files.resolve(path)),
        Err(problem) => {
            spot.error(format!("`{key}`: {problem}"));
            None
        }
    }
}

/// Certificates of authorities in PEM form: at least one, and all of them usable.
pub fn certificates(key: &str, path: &str, spot: &Spot<'_>, files: &Files) -> Option<PathBuf> {
    let content = contents(path, spot, files, LARGEST)?;
    let mut authorities = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&content) {
        let usable = certificate.map_err(|_| ()).and_then(|der| authorities.add(der).map_err(|_| ()));
        if usable.is_err() {
            spot.error(format!("`{key}` names a file with a certificate that cannot be read"));
            return None;
        }
    }
    if authorities.is_empty() {
        spot.error(format!("`{key}` names a file without a PEM certificate (BEGIN CERTIFICATE)"));
        return None;
    }
    Some(files.resolve(path))
}

/// A private key in PEM form.
pub fn private_key(key: &str, path: &str, spot: &Spot<'_>, files: &Files) -> Option<PathBuf> {
    let content = contents(path, spot, files, LARGEST)?;
    if PrivateKeyDer::from_pem_slice(&content).is_err() {
        spot.error(format!("`{key}` names a file without a PEM private key (BEGIN PRIVATE KEY)"));
        return None;
    }
    Some(files.resolve(path))
}

/// Most bytes of a file with a secret in it.
const LARGEST_SECRET: u64 = 64 << 10;

/// The text in a file, without the white space around it.
pub fn secret_text(path: &str, spot: &Spot<'_>, files: &Files) -> Option<String> {
    match String::from_utf8(contents(path, spot, files, LARGEST_SECRET)?) {
        Ok(text) => Some(text.trim().to_owned()),
        Err(_) => {
            spot.error(format!("the file {path:?} holds no text"));
            None
        }
    }
}

/// What is in a file.
pub fn contents(path: &str, spot: &Spot<'_>, files: &Files, limit: u64) -> Option<Vec<u8>> {
    match files.read(path, limit) {
        Ok(content) => Some(content),
        Err(reason) => {
            spot.error(format!("the file {path:?} {reason}"));
            None
        }
    }
}
