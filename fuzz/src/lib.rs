//! The properties of `integration/properties`, for libFuzzer: a target a property.

#[path = "../../integration/properties/mod.rs"]
pub mod properties;
