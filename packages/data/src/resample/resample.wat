;; The two passes of Pillow's 8-bit resampling, with SIMD.
;;
;; A coefficient k of 23 bits is split as k = high * 4096 + low, so that i32x4.dot_i16x8_s multiplies two neighbouring
;; pixels by their two coefficients at once. Sums wrap around like C's 32-bit integers: the result is the same to the bit.
;;
;; The table has one record for each target: start, count, and count pieces of coefficients.
(module
  (memory (export "memory") 1)

  ;; Rows of RGB pixels. Start in bytes; a piece is four taps: high of 0 and 1, high of 2 and 3, low of both, 16 bits each.
  (func (export "horizontal")
    (param $source i32) (param $target i32) (param $rows i32) (param $rowBytes i32) (param $width i32) (param $table i32)
    (local $at i32) (local $x i32) (local $count i32) (local $from i32)
    (local $pixels v128) (local $pair v128) (local $high v128) (local $low v128)
    (loop $row
      (local.set $at (local.get $table))
      (local.set $x (local.get $width))
      (loop $pixel
        (local.set $from (i32.add (local.get $source) (i32.load (local.get $at))))
        (local.set $count (i32.load offset=4 (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 8)))
        (local.set $high (v128.const i32x4 0 0 0 0))
        (local.set $low (v128.const i32x4 0x200000 0x200000 0x200000 0x200000)) ;; one half
        (loop $taps
          ;; r0 r1 g0 g1 b0 b1 . . r2 r3 g2 g3 b2 b3 . .
          (local.set $pixels (v128.load (local.get $from)))
          (local.set $pixels
            (i8x16.shuffle 0 3 1 4 2 5 0 0 6 9 7 10 8 11 0 0 (local.get $pixels) (local.get $pixels)))
          (local.set $pair (i16x8.extend_low_i8x16_u (local.get $pixels)))
          (local.set $high (i32x4.add (local.get $high)
            (i32x4.dot_i16x8_s (local.get $pair) (v128.load32_splat (local.get $at)))))
          (local.set $low (i32x4.add (local.get $low)
            (i32x4.dot_i16x8_s (local.get $pair) (v128.load32_splat offset=8 (local.get $at)))))
          (local.set $pair (i16x8.extend_high_i8x16_u (local.get $pixels)))
          (local.set $high (i32x4.add (local.get $high)
            (i32x4.dot_i16x8_s (local.get $pair) (v128.load32_splat offset=4 (local.get $at)))))
          (local.set $low (i32x4.add (local.get $low)
            (i32x4.dot_i16x8_s (local.get $pair) (v128.load32_splat offset=12 (local.get $at)))))
          (local.set $from (i32.add (local.get $from) (i32.const 12)))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br_if $taps (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
        (local.set $low (i32x4.shr_s
          (i32x4.add (local.get $low) (i32x4.shl (local.get $high) (i32.const 12)))
          (i32.const 22)))
        (local.set $low (i16x8.narrow_i32x4_s (local.get $low) (local.get $low)))
        ;; The fourth byte is written over by the next pixel.
        (v128.store32_lane 0 (local.get $target) (i8x16.narrow_i16x8_u (local.get $low) (local.get $low)))
        (local.set $target (i32.add (local.get $target) (i32.const 3)))
        (br_if $pixel (local.tee $x (i32.sub (local.get $x) (i32.const 1)))))
      (local.set $source (i32.add (local.get $source) (local.get $rowBytes)))
      (br_if $row (local.tee $rows (i32.sub (local.get $rows) (i32.const 1))))))

  (func $pixels (param $high v128) (param $low v128) (result v128)
    (i32x4.shr_s
      (i32x4.add (local.get $low) (i32x4.shl (local.get $high) (i32.const 12)))
      (i32.const 22)))

  ;; Rows of at least 16 bytes. Start in rows; a piece is two taps: high of both, low of both.
  (func (export "vertical")
    (param $source i32) (param $target i32) (param $rowBytes i32) (param $height i32) (param $table i32)
    (local $first i32) (local $x i32) (local $count i32) (local $pieces i32) (local $from i32) (local $at i32)
    (local $a v128) (local $b v128) (local $both v128) (local $pair v128) (local $h v128) (local $l v128)
    (local $h0 v128) (local $h1 v128) (local $h2 v128) (local $h3 v128)
    (local $l0 v128) (local $l1 v128) (local $l2 v128) (local $l3 v128)
    (loop $row
      (local.set $first
        (i32.add (local.get $source) (i32.mul (i32.load (local.get $table)) (local.get $rowBytes))))
      (local.set $pieces (i32.load offset=4 (local.get $table)))
      (local.set $table (i32.add (local.get $table) (i32.const 8)))
      (local.set $x (i32.const 0))
      (loop $columns
        (local.set $from (i32.add (local.get $first) (local.get $x)))
        (local.set $at (local.get $table))
        (local.set $count (local.get $pieces))
        (local.set $h0 (v128.const i32x4 0 0 0 0))
        (local.set $h1 (v128.const i32x4 0 0 0 0))
        (local.set $h2 (v128.const i32x4 0 0 0 0))
        (local.set $h3 (v128.const i32x4 0 0 0 0))
        (local.set $l0 (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (local.set $l1 (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (local.set $l2 (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (local.set $l3 (v128.const i32x4 0x200000 0x200000 0x200000 0x200000))
        (loop $taps
          (local.set $a (v128.load (local.get $from)))
          (local.set $from (i32.add (local.get $from) (local.get $rowBytes)))
          (local.set $b (v128.load (local.get $from)))
          (local.set $from (i32.add (local.get $from) (local.get $rowBytes)))
          (local.set $h (v128.load32_splat (local.get $at)))
          (local.set $l (v128.load32_splat offset=4 (local.get $at)))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (local.set $both (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $a) (local.get $b)))
          (local.set $pair (i16x8.extend_low_i8x16_u (local.get $both)))
          (local.set $h0 (i32x4.add (local.get $h0) (i32x4.dot_i16x8_s (local.get $pair) (local.get $h))))
          (local.set $l0 (i32x4.add (local.get $l0) (i32x4.dot_i16x8_s (local.get $pair) (local.get $l))))
          (local.set $pair (i16x8.extend_high_i8x16_u (local.get $both)))
          (local.set $h1 (i32x4.add (local.get $h1) (i32x4.dot_i16x8_s (local.get $pair) (local.get $h))))
          (local.set $l1 (i32x4.add (local.get $l1) (i32x4.dot_i16x8_s (local.get $pair) (local.get $l))))
          (local.set $both
            (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31 (local.get $a) (local.get $b)))
          (local.set $pair (i16x8.extend_low_i8x16_u (local.get $both)))
          (local.set $h2 (i32x4.add (local.get $h2) (i32x4.dot_i16x8_s (local.get $pair) (local.get $h))))
          (local.set $l2 (i32x4.add (local.get $l2) (i32x4.dot_i16x8_s (local.get $pair) (local.get $l))))
          (local.set $pair (i16x8.extend_high_i8x16_u (local.get $both)))
          (local.set $h3 (i32x4.add (local.get $h3) (i32x4.dot_i16x8_s (local.get $pair) (local.get $h))))
          (local.set $l3 (i32x4.add (local.get $l3) (i32x4.dot_i16x8_s (local.get $pair) (local.get $l))))
          (br_if $taps (local.tee $count (i32.sub (local.get $count) (i32.const 1)))))
        (v128.store (i32.add (local.get $target) (local.get $x))
          (i8x16.narrow_i16x8_u
            (i16x8.narrow_i32x4_s
              (call $pixels (local.get $h0) (local.get $l0))
              (call $pixels (local.get $h1) (local.get $l1)))
            (i16x8.narrow_i32x4_s
              (call $pixels (local.get $h2) (local.get $l2))
              (call $pixels (local.get $h3) (local.get $l3)))))
        (local.set $x (i32.add (local.get $x) (i32.const 16)))
        (if (i32.lt_s (local.get $x) (local.get $rowBytes))
          (then
            ;; The last 16 columns overlap the ones before.
            (if (i32.gt_s (local.get $x) (i32.sub (local.get $rowBytes) (i32.const 16)))
              (then (local.set $x (i32.sub (local.get $rowBytes) (i32.const 16)))))
            (br $columns))))
      (local.set $table (i32.add (local.get $table) (i32.shl (local.get $pieces) (i32.const 3))))
      (local.set $target (i32.add (local.get $target) (local.get $rowBytes)))
      (br_if $row (local.tee $height (i32.sub (local.get $height) (i32.const 1)))))))
