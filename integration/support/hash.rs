//! Stored passwords.

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};

/// A real hash of a password, of little cost.
pub fn cheap(password: &str) -> String {
    let params = Params::new(64, 1, 1, None).expect("small costs");
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    hasher.hash_password(password.as_bytes()).expect("a hash").to_string()
}
