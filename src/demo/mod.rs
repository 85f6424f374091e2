//! A believable Wuhu, made of chance with a fixed seed.

mod household;
mod illness;
mod names;
mod people;
mod seed;
mod story;
mod units;
