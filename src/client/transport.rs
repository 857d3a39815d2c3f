//! One request, one answer, within limits.

use super::error::ValidateError;

/// The bytes of an answer and the charset that its Content-Type names.
pub(super) struct Body {
    pub bytes: Vec<u8>,
    pub charset: Option<String>,
}

/// Gets an address. Only status 200 is looked at, and never more than `cap` bytes are kept.
pub(super) async fn get(http: &reqwest::Client, url: &str, cap: usize) -> Result<Body, ValidateError> {
    let mut response = http.get(url).send().await.map_err(|error| ValidateError::of_http(&error))?;
    if response.status().as_u16() != 200 {
        return Err(ValidateError::Status(response.status().as_u16()));
    }
    let charset = charset(&response);
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| ValidateError::of_http(&error))? {
        if bytes.len() + chunk.len() > cap {
            return Err(ValidateError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Body { bytes, charset })
}

fn charset(response: &reqwest::Response) -> Option<String> {
    let value = response.headers().get(reqwest::header::CONTENT_TYPE)?.to_str().ok()?;
    value.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"').to_owned())
    })
}
