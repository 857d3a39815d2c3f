//! TKT: what proxy tickets, proxy-granting tickets and receipts look like (CAS 3.0 §3.2 to §3.4).

use std::collections::BTreeSet;

use super::{MAIL, Scene};

/// How many of each are looked at.
const MANY: usize = 30;

/// Proxy tickets, and pairs of a proxy-granting ticket and its receipt.
async fn drawn() -> (Vec<String>, Vec<(String, String)>) {
    let scene = Scene::open().await;
    let mut tickets = Vec::new();
    for _ in 0..MANY {
        let pgt = scene.pgt().await;
        tickets.push(scene.pt(&pgt, MAIL).await);
    }
    (tickets, scene.portal.grants())
}

#[tokio::test]
async fn tkt_02_tkt_03_tkt_04_tkt_06_tkt_07_prefixes_characters_and_lengths() {
    let (tickets, grants) = drawn().await;
    assert_eq!((tickets.len(), grants.len()), (MANY, MANY));
    let (pgts, ious): (Vec<_>, Vec<_>) = grants.into_iter().unzip();
    // No longer than every client takes.
    for (texts, prefix, length) in [(tickets, "PT-", 32), (pgts, "PGT-", 64), (ious, "PGTIOU-", 64)] {
        for text in &texts {
            assert!(text.starts_with(prefix) && text.len() == length, "{text}");
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{text}");
        }
        assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), MANY, "{prefix}");
    }
}

/// The random part.
fn tail(text: &str) -> &str {
    text.rsplit_once('-').expect("a prefix").1
}

#[tokio::test]
async fn tkt_11_a_receipt_tells_nothing_of_its_ticket() {
    let (_, grants) = drawn().await;
    for (pgt, iou) in &grants {
        let (pgt, iou) = (tail(pgt), tail(iou));
        // By chance six characters in a row agree once in twenty million pairs.
        let shares = (6..=pgt.len()).any(|end| iou.contains(&pgt[end - 6..end]));
        assert!(!shares, "{pgt} {iou}");
    }
    // Nor is one a shift of the other: at each place the distance takes many values.
    let length = tail(&grants[0].1).len();
    for place in 0..length {
        let distance = |(pgt, iou): &(String, String)| {
            i16::from(tail(pgt).as_bytes()[place]) - i16::from(tail(iou).as_bytes()[place])
        };
        let distances: BTreeSet<i16> = grants.iter().map(distance).collect();
        assert!(distances.len() > MANY / 3, "place {place}: {distances:?}");
    }
}
