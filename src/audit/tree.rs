//! The Merkle tree of RFC 6962, section 2.1: grown leaf by leaf, with proofs that it only grew.
//!
//! Pure. Where hashes are kept, a tree is a function from level and place to the hash of a full subtree: level 0 are
//! the leaves, a node of level l covers 2^l of them.

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

/// The hash of a node.
pub fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// A full subtree: its level, and which of that level it is from the left.
pub type Place = (u32, u64);

/// The right edge of a growing tree: the roots of its full subtrees, largest first. It is all that is needed to add
/// leaves and to know the root, so a batch of n leaves costs O(n) whatever the size of the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    roots: Vec<Hash>,
}

impl Frontier {
    /// The frontier of a tree of `size` leaves; `None` when there are not as many roots as it has full subtrees.
    pub fn of(size: u64, roots: Vec<Hash>) -> Option<Self> {
        (roots.len() == size.count_ones() as usize).then_some(Self { size, roots })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the full subtrees, largest first.
    pub fn roots(&self) -> &[Hash] {
        &self.roots
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        self.grow(leaf, |_, _| ());
    }

    /// Adds a leaf by its hash, and tells of each subtree that it makes full.
    pub fn grow(&mut self, leaf: Hash, mut full: impl FnMut(Place, &Hash)) {
        let mut root = leaf;
        for level in 1..=self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                root = node(&left, &root);
                full((level, self.size >> level), &root);
            }
        }
        self.roots.push(root);
        self.size += 1;
    }

    /// Adds the full subtree that follows, by its root; `false` when one of that level can't stand there.
    pub fn append(&mut self, level: u32, root: Hash) -> bool {
        let (width, mut root) = (1_u64 << level, root);
        if !self.size.is_multiple_of(width) {
            return false;
        }
        for _ in 0..(self.size >> level).trailing_ones() {
            if let Some(left) = self.roots.pop() {
                root = node(&left, &root);
            }
        }
        self.roots.push(root);
        self.size += width;
        true
    }

    /// The head of the tree.
    pub fn root(&self) -> Hash {
        let mut smaller = self.roots.iter().rev();
        match smaller.next() {
            None => Sha256::digest([]).into(),
            Some(last) => smaller.fold(*last, |right, left| node(left, &right)),
        }
    }
}

/// The full subtrees that cover the leaves `begin..end`, from left to right: each as large as its place allows.
pub fn cover(begin: u64, end: u64) -> Vec<Place> {
    let (mut at, mut places) = (begin, Vec::new());
    while at < end {
        let level = at.trailing_zeros().min((end - at).ilog2());
        places.push((level, at >> level));
        at += 1 << level;
    }
    places
}

/// The largest power of two below `n`, which is at least 2.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// The root over the leaves `begin..end` of a tree; `begin` is where such a subtree may begin.
pub fn root_of<E>(begin: u64, end: u64, tree: &mut impl FnMut(Place) -> Result<Hash, E>) -> Result<Hash, E> {
    let mut parts = Vec::new();
    for place in cover(begin, end) {
        parts.push(tree(place)?);
    }
    let mut smaller = parts.iter().rev();
    let last = smaller
        .next()
        .copied()
        .unwrap_or_else(|| Sha256::digest([]).into());
    Ok(smaller.fold(last, |right, left| node(left, &right)))
}

/// The inclusion proof of leaf number `index` in the tree of `size` leaves (RFC 6962, 2.1.1).
pub fn inclusion<E>(
    index: u64,
    size: u64,
    tree: &mut impl FnMut(Place) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let (mut begin, mut end, mut siblings) = (0, size, Vec::new());
    while end - begin > 1 {
        let middle = begin + split(end - begin);
        if index < middle {
            siblings.push((middle, end));
            end = middle;
        } else {
            siblings.push((begin, middle));
            begin = middle;
        }
    }
    let mut proof = Vec::new();
    for (begin, end) in siblings.into_iter().rev() {
        proof.push(root_of(begin, end, tree)?);
    }
    Ok(proof)
}

/// The proof that the tree of `new` leaves begins with that of `old` (RFC 6962, 2.1.2); empty when there is nothing to
/// prove.
pub fn consistency<E>(
    old: u64,
    new: u64,
    tree: &mut impl FnMut(Place) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut begin, mut end, mut parts) = (0, new, Vec::new());
    while end != old {
        let middle = begin + split(end - begin);
        if old <= middle {
            parts.push((middle, end));
            end = middle;
        } else {
            parts.push((begin, middle));
            begin = middle;
        }
    }
    if begin > 0 {
        parts.push((begin, end));
    }
    let mut proof = Vec::new();
    for (begin, end) in parts.into_iter().rev() {
        proof.push(root_of(begin, end, tree)?);
    }
    Ok(proof)
}

/// Whether `proof` leads from the leaf number `index` to the root of the tree of `size` leaves (RFC 9162, 2.1.3.2).
pub fn includes(root: &Hash, size: u64, index: u64, leaf: &Hash, proof: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the tree of `new` leaves begins with that of `old` (RFC 9162, 2.1.4.2).
pub fn extends(old: u64, old_root: &Hash, new: u64, new_root: &Hash, proof: &[Hash]) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return proof.is_empty() && *old_root == <Hash>::from(Sha256::digest([]));
    }
    // a full old tree is a subtree of the new one, so its root needs no telling
    let mut path = old.is_power_of_two().then_some(old_root).into_iter().chain(proof);
    let Some(first) = path.next() else {
        return false;
    };
    let skip = (old - 1).trailing_ones();
    let (mut at, mut last) = ((old - 1) >> skip, (new - 1) >> skip);
    let (mut before, mut after) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            before = node(sibling, &before);
            after = node(sibling, &after);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            after = node(&after, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && before == *old_root && after == *new_root
}

/// Hashes as lower-case hex.
pub fn hexes(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| hex(hash)).collect()
}

/// A hash from lower-case hex.
pub fn unhex(text: &str) -> Option<Hash> {
    let small = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.len() != 64 || !text.as_bytes().iter().all(small) {
        return None;
    }
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

    /// The tree as a function, from all its leaves.
    fn stored(leaves: &[Vec<u8>]) -> impl FnMut(Place) -> Result<Hash, ()> + '_ {
        |(level, place)| {
            let (from, width) = ((place << level) as usize, 1_usize << level);
            Ok(mth(leaves.get(from..from + width).ok_or(())?))
        }
    }

    fn numbered(n: usize) -> Vec<Vec<u8>> {
        (0..n).map(|n| n.to_be_bytes().to_vec()).collect()
    }

    #[test]
    fn every_leaf_of_every_small_tree_has_a_proof_and_no_other_leaf_has_it() {
        for size in 1..=40_usize {
            let leaves = numbered(size);
            let root = mth(&leaves);
            for index in 0..size {
                let proof = inclusion(index as u64, size as u64, &mut stored(&leaves)).unwrap();
                for (other, data) in leaves.iter().enumerate() {
                    let hash = leaf(data);
                    let proved = includes(&root, size as u64, index as u64, &hash, &proof);
                    assert_eq!(
                        proved,
                        other == index,
                        "{other} of {size} by the proof of {index}"
                    );
                }
                let mut longer = proof.clone();
                longer.push(root);
                let hash = leaf(&leaves[index]);
                assert!(!includes(&root, size as u64, index as u64, &hash, &longer));
                assert!(proof.is_empty() || !includes(&root, size as u64, index as u64, &hash, &proof[1..]));
            }
        }
    }

    #[test]
    fn every_small_tree_is_proved_to_begin_every_larger_one_and_no_fork_of_it() {
        for new in 0..=40_usize {
            let leaves = numbered(new);
            let root = mth(&leaves);
            for old in 0..=new {
                let begun = mth(&leaves[..old]);
                let (old, new) = (old as u64, new as u64);
                let proof = consistency(old, new, &mut stored(&leaves)).unwrap();
                assert!(extends(old, &begun, new, &root, &proof), "{old} to {new}");
                assert!(!extends(old, &[7; 32], new, &root, &proof), "{old} to {new}");
                assert!(
                    !extends(old, &begun, new, &[7; 32], &proof) || old == 0,
                    "{old} to {new}"
                );
                for at in 0..proof.len() {
                    let mut forged = proof.clone();
                    forged[at][0] ^= 1;
                    assert!(!extends(old, &begun, new, &root, &forged), "{old} to {new}, {at}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_tree_grown_leaf_by_leaf_has_the_root_of_the_definition(leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..4), 0..70), at in 0_usize..70) {
            let at = at.min(leaves.len());
            let kept = grown(&leaves[..at]);
            let mut tree = Frontier::of(kept.size(), kept.roots().to_vec()).unwrap();
            leaves[at..].iter().for_each(|data| tree.push(leaf(data)));
            prop_assert_eq!(tree.root(), mth(&leaves));
            prop_assert_eq!(tree.size(), leaves.len() as u64);
        }

        #[test]
        fn a_tree_follows_from_the_subtrees_that_cover_it(n in 0_usize..70, at in 0_usize..70) {
            let (leaves, at) = (numbered(n), at.min(n) as u64);
            let mut tree = grown(&leaves[..at as usize]);
            for (level, place) in cover(at, n as u64) {
                prop_assert_eq!(place << level, tree.size());
                prop_assert!(tree.append(level, stored(&leaves)((level, place)).unwrap()));
            }
            prop_assert_eq!(tree.root(), mth(&leaves));
        }

        #[test]
        fn each_full_subtree_is_told_once(n in 1_usize..300) {
            let leaves = numbered(n);
            let (mut tree, mut told) = (Frontier::default(), std::collections::BTreeMap::new());
            for data in &leaves {
                tree.grow(leaf(data), |place, root| assert!(told.insert(place, *root).is_none()));
            }
            prop_assert_eq!(told.len(), (1..9).map(|level| n >> level).sum::<usize>());
            for (place, root) in told {
                prop_assert_eq!(root, stored(&leaves)(place).unwrap());
            }
        }
    }
}
