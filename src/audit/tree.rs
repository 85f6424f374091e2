//! The Merkle tree of RFC 6962, section 2.1, grown leaf by leaf.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::keyring::hex;

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash of a leaf.
pub fn leaf(data: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(data)
        .finalize()
        .into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// The right edge of a growing tree: the roots of its full subtrees, largest first. It is all that is needed to add
/// leaves and to know the root, so a batch of n leaves costs O(n) whatever the size of the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut root = leaf;
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                root = node(&left, &root);
            }
        }
        self.roots.push(root);
        self.size += 1;
    }

    /// The head of the tree.
    pub fn root(&self) -> Hash {
        let mut smaller = self.roots.iter().rev();
        match smaller.next() {
            None => Sha256::digest([]).into(),
            Some(last) => smaller.fold(*last, |right, left| node(left, &right)),
        }
    }

    /// The frontier as it is kept with a checkpoint.
    pub fn kept(&self) -> KeptFrontier {
        KeptFrontier(self.roots.iter().map(|root| hex(root)).collect())
    }

    /// The frontier of a tree of `size` leaves as it was kept; `None` when the two do not fit.
    pub fn restore(size: u64, kept: &KeptFrontier) -> Option<Self> {
        let roots: Vec<Hash> = kept.0.iter().map(|text| unhex(text)).collect::<Option<_>>()?;
        (roots.len() == size.count_ones() as usize).then_some(Self { size, roots })
    }
}

/// A frontier as text.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq, Eq)]
pub struct KeptFrontier(Vec<String>);

/// A hash from lower-case hex.
pub fn unhex(text: &str) -> Option<Hash> {
    let digits = text
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    digits.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition of RFC 6962, 2.1, word for word.
    fn mth(leaves: &[Vec<u8>]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => leaf(one),
            more => {
                let k = more.len().next_power_of_two() / 2;
                node(&mth(&more[..k]), &mth(&more[k..]))
            }
        }
    }

    fn grown(leaves: &[Vec<u8>]) -> Frontier {
        let mut tree = Frontier::default();
        leaves.iter().for_each(|data| tree.push(leaf(data)));
        tree
    }

    /// The eight inputs and the roots of Certificate Transparency's reference test data.
    #[test]
    fn roots_are_the_known_answers_of_certificate_transparency() {
        let inputs = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let bytes = |text: &str| {
            text.as_bytes()
                .chunks(2)
                .map(|p| u8::from_str_radix(std::str::from_utf8(p).unwrap(), 16).unwrap())
                .collect()
        };
        let leaves: Vec<Vec<u8>> = inputs.iter().map(|text| bytes(text)).collect();
        assert_eq!(
            hex(&Frontier::default().root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        for (n, root) in roots.iter().enumerate() {
            assert_eq!(hex(&grown(&leaves[..=n]).root()), *root, "{} leaves", n + 1);
        }
    }

    proptest! {
        #[test]
        fn a_tree_grown_leaf_by_leaf_has_the_root_of_the_definition(leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..70), at in 0_usize..70) {
            let at = at.min(leaves.len());
            let kept = grown(&leaves[..at]);
            let mut tree = Frontier::restore(kept.size(), &kept.kept()).unwrap();
            leaves[at..].iter().for_each(|data| tree.push(leaf(data)));
            prop_assert_eq!(tree.root(), mth(&leaves));
            prop_assert_eq!(tree.size(), leaves.len() as u64);
        }
    }
}
