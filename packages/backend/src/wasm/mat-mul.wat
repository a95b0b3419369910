;; C [m, n] = A [m, k] B [k, n] (+ bias [n], or + C) of float32 values in one memory, m >= 4, n >= 8, k >= 1.
;;
;; C is row-major. A's rows are $aRow bytes apart and its columns $aStep, B's $bRow and $bStep, so both may be stored
;; transposed.
;;
;; A tile of C, 4 rows by 8 columns, stays in registers while k runs over a block of 256. Eight columns of that block of
;; B are copied to $scratch first (8 KB, a quarter of L1): rows of B that are a power of two apart would push each other
;; out. 128 rows of A take turns with each such panel, so that they stay in L2.
;;
;; The products of one output are added one by one from the first k on, starting from the bias, with a rounding after
;; each product: the order of XNNPACK, so the results have the same bits, wherever a row or column falls in the tiles.
(module
  (import "tfjs" "memory" (memory 0))

  ;; Eight columns of $k rows of B, next to each other.
  (func $packTransposed (param $b i32) (param $bRow i32) (param $bStep i32) (param $k i32) (param $to i32)
    (local $at i32)
    (loop $next
      (f32.store (local.get $to) (f32.load (local.get $b)))
      (local.set $at (i32.add (local.get $b) (local.get $bStep)))
      (f32.store offset=4 (local.get $to) (f32.load (local.get $at)))
      (local.set $at (i32.add (local.get $at) (local.get $bStep)))
      (f32.store offset=8 (local.get $to) (f32.load (local.get $at)))
      (local.set $at (i32.add (local.get $at) (local.get $bStep)))
      (f32.store offset=12 (local.get $to) (f32.load (local.get $at)))
      (local.set $at (i32.add (local.get $at) (local.get $bStep)))
      (f32.store offset=16 (local.get $to) (f32.load (local.get $at)))
      (local.set $at (i32.add (local.get $at) (local.get $bStep)))
      (f32.store offset=20 (local.get $to) (f32.load (local.get $at)))
      (local.set $at (i32.add (local.get $at) (local.get $bStep)))
      (f32.store offset=24 (local.get $to) (f32.load (local.get $at)))
      (f32.store offset=28 (local.get $to) (f32.load (i32.add (local.get $at) (local.get $bStep))))
      (local.set $to (i32.add (local.get $to) (i32.const 32)))
      (local.set $b (i32.add (local.get $b) (local.get $bRow)))
      (br_if $next (local.tee $k (i32.sub (local.get $k) (i32.const 1))))))

  ;; The same where $bStep is 4.
  (func $pack (param $b i32) (param $bRow i32) (param $k i32) (param $to i32)
    (loop $next
      (v128.store (local.get $to) (v128.load (local.get $b)))
      (v128.store offset=16 (local.get $to) (v128.load offset=16 (local.get $b)))
      (local.set $to (i32.add (local.get $to) (i32.const 32)))
      (local.set $b (i32.add (local.get $b) (local.get $bRow)))
      (br_if $next (local.tee $k (i32.sub (local.get $k) (i32.const 1))))))

  ;; Copies what a tile of 4 x 8 has from $row and $column on.
  (func $copy (param $tile i32) (param $row i32) (param $column i32) (param $c i32) (param $cRow i32)
    (local $j i32)
    (loop $rows
      (local.set $j (local.get $column))
      (loop $columns
        (f32.store
          (i32.add (local.get $c)
            (i32.add (i32.mul (local.get $row) (local.get $cRow)) (i32.shl (local.get $j) (i32.const 2))))
          (f32.load (i32.add (local.get $tile)
            (i32.add (i32.shl (local.get $row) (i32.const 5)) (i32.shl (local.get $j) (i32.const 2))))))
        (br_if $columns (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 8))))
      (br_if $rows (i32.lt_u (local.tee $row (i32.add (local.get $row) (i32.const 1))) (i32.const 4)))))

  (func $min (param $x i32) (param $y i32) (result i32)
    (select (local.get $x) (local.get $y) (i32.lt_u (local.get $x) (local.get $y))))

  ;; $bias is 0 for none; $goOn adds to what is in C, instead. $scratch has 64 + 8 * 256 values: 8 zeros, a tile, a
  ;; panel of B, each at the start of a cache line.
  (func (export "matMul")
    (param $a i32) (param $b i32) (param $c i32) (param $bias i32) (param $scratch i32)
    (param $m i32) (param $n i32) (param $k i32) (param $aRow i32) (param $aStep i32)
    (param $bRow i32) (param $bStep i32) (param $goOn i32)
    (local $row i32) ;; bytes of a row of C
    (local $tile i32) (local $panel i32)
    (local $k0 i32) (local $kSize i32) (local $m0 i32) (local $mEnd i32) (local $i i32) (local $j i32)
    (local $a0 i32) (local $a1 i32) (local $a2 i32) (local $a3 i32) (local $p i32) (local $steps i32)
    (local $c00 v128) (local $c01 v128) (local $c10 v128) (local $c11 v128)
    (local $c20 v128) (local $c21 v128) (local $c30 v128) (local $c31 v128)
    (local $b0 v128) (local $b1 v128) (local $s v128)
    (local $c0 i32) (local $toRow i32) (local $whole i32)
    (local $top i32) (local $left i32) (local $from i32) (local $fromRow i32) (local $to i32)
    (local.set $row (i32.shl (local.get $n) (i32.const 2)))
    (local.set $scratch (i32.and (i32.add (local.get $scratch) (i32.const 63)) (i32.const -64)))
    (local.set $panel (i32.add (local.get $scratch) (i32.const 192)))
    (local.set $tile (i32.add (local.get $scratch) (i32.const 64)))
    (v128.store (local.get $scratch) (v128.const i32x4 0 0 0 0))
    (v128.store offset=16 (local.get $scratch) (v128.const i32x4 0 0 0 0))
    (loop $blocksOfK
      (local.set $kSize (call $min (i32.const 256) (i32.sub (local.get $k) (local.get $k0))))
      (local.set $m0 (i32.const 0))
      (loop $blocksOfM
        (local.set $mEnd (call $min (i32.add (local.get $m0) (i32.const 128)) (local.get $m)))
        (local.set $j (i32.const 0))
        (loop $panels
          ;; The last tiles of rows and columns begin earlier, to be whole, and write only what is new.
          (local.set $left (call $min (local.get $j) (i32.sub (local.get $n) (i32.const 8))))
          (local.set $from (i32.add (local.get $b)
            (i32.add (i32.mul (local.get $k0) (local.get $bRow)) (i32.mul (local.get $left) (local.get $bStep)))))
          (if (i32.eq (local.get $bStep) (i32.const 4))
            (then (call $pack (local.get $from) (local.get $bRow) (local.get $kSize) (local.get $panel)))
            (else (call $packTransposed
              (local.get $from) (local.get $bRow) (local.get $bStep) (local.get $kSize) (local.get $panel))))
          (local.set $i (local.get $m0))
          (loop $tiles
            (local.set $top (call $min (local.get $i) (i32.sub (local.get $m) (i32.const 4))))
            (local.set $c0 (i32.add (local.get $c)
              (i32.add (i32.mul (local.get $top) (local.get $row)) (i32.shl (local.get $left) (i32.const 2)))))
            (if (i32.or (local.get $k0) (local.get $goOn))
              (then ;; goes on where the block before left off
                (local.set $from (local.get $c0))
                (local.set $fromRow (local.get $row)))
              (else
                (local.set $fromRow (i32.const 0))
                (local.set $from (local.get $scratch))
                (if (local.get $bias)
                  (then (local.set $from
                    (i32.add (local.get $bias) (i32.shl (local.get $left) (i32.const 2))))))))
            (local.set $whole
              (i32.and (i32.eq (local.get $top) (local.get $i)) (i32.eq (local.get $left) (local.get $j))))
            (local.set $to (select (local.get $c0) (local.get $tile) (local.get $whole)))
            (local.set $toRow (select (local.get $row) (i32.const 32) (local.get $whole)))
            (local.set $a0 (i32.add (local.get $a)
              (i32.add (i32.mul (local.get $top) (local.get $aRow)) (i32.mul (local.get $k0) (local.get $aStep)))))
            (local.set $p (local.get $panel))
            (local.set $steps (local.get $kSize))
            (local.set $a1 (i32.add (local.get $a0) (local.get $aRow)))
            (local.set $a2 (i32.add (local.get $a1) (local.get $aRow)))
            (local.set $a3 (i32.add (local.get $a2) (local.get $aRow)))
            (local.set $c00 (v128.load (local.get $from)))
            (local.set $c01 (v128.load offset=16 (local.get $from)))
            (local.set $from (i32.add (local.get $from) (local.get $fromRow)))
            (local.set $c10 (v128.load (local.get $from)))
            (local.set $c11 (v128.load offset=16 (local.get $from)))
            (local.set $from (i32.add (local.get $from) (local.get $fromRow)))
            (local.set $c20 (v128.load (local.get $from)))
            (local.set $c21 (v128.load offset=16 (local.get $from)))
            (local.set $from (i32.add (local.get $from) (local.get $fromRow)))
            (local.set $c30 (v128.load (local.get $from)))
            (local.set $c31 (v128.load offset=16 (local.get $from)))
            ;; Neither unrolled nor a function of its own: V8's code then takes 1.4 and 1.2 times as long.
            (loop $inner
              (local.set $b0 (v128.load (local.get $p)))
              (local.set $b1 (v128.load offset=16 (local.get $p)))
              (local.set $s (v128.load32_splat (local.get $a0)))
              (local.set $c00 (f32x4.add (local.get $c00) (f32x4.mul (local.get $s) (local.get $b0))))
              (local.set $c01 (f32x4.add (local.get $c01) (f32x4.mul (local.get $s) (local.get $b1))))
              (local.set $a0 (i32.add (local.get $a0) (local.get $aStep)))
              (local.set $s (v128.load32_splat (local.get $a1)))
              (local.set $c10 (f32x4.add (local.get $c10) (f32x4.mul (local.get $s) (local.get $b0))))
              (local.set $c11 (f32x4.add (local.get $c11) (f32x4.mul (local.get $s) (local.get $b1))))
              (local.set $a1 (i32.add (local.get $a1) (local.get $aStep)))
              (local.set $s (v128.load32_splat (local.get $a2)))
              (local.set $c20 (f32x4.add (local.get $c20) (f32x4.mul (local.get $s) (local.get $b0))))
              (local.set $c21 (f32x4.add (local.get $c21) (f32x4.mul (local.get $s) (local.get $b1))))
              (local.set $a2 (i32.add (local.get $a2) (local.get $aStep)))
              (local.set $s (v128.load32_splat (local.get $a3)))
              (local.set $c30 (f32x4.add (local.get $c30) (f32x4.mul (local.get $s) (local.get $b0))))
              (local.set $c31 (f32x4.add (local.get $c31) (f32x4.mul (local.get $s) (local.get $b1))))
              (local.set $a3 (i32.add (local.get $a3) (local.get $aStep)))
              (local.set $p (i32.add (local.get $p) (i32.const 32)))
              (br_if $inner (local.tee $steps (i32.sub (local.get $steps) (i32.const 1)))))
            (v128.store (local.get $to) (local.get $c00))
            (v128.store offset=16 (local.get $to) (local.get $c01))
            (local.set $to (i32.add (local.get $to) (local.get $toRow)))
            (v128.store (local.get $to) (local.get $c10))
            (v128.store offset=16 (local.get $to) (local.get $c11))
            (local.set $to (i32.add (local.get $to) (local.get $toRow)))
            (v128.store (local.get $to) (local.get $c20))
            (v128.store offset=16 (local.get $to) (local.get $c21))
            (local.set $to (i32.add (local.get $to) (local.get $toRow)))
            (v128.store (local.get $to) (local.get $c30))
            (v128.store offset=16 (local.get $to) (local.get $c31))
            (if (i32.eqz (local.get $whole))
              (then (call $copy (local.get $tile)
                (i32.sub (local.get $i) (local.get $top)) (i32.sub (local.get $j) (local.get $left))
                (local.get $c0) (local.get $row))))
            (local.set $i (i32.add (local.get $i) (i32.const 4)))
            (br_if $tiles (i32.lt_u (local.get $i) (local.get $mEnd))))
          (local.set $j (i32.add (local.get $j) (i32.const 8)))
          (br_if $panels (i32.lt_u (local.get $j) (local.get $n))))
        (local.set $m0 (local.get $mEnd))
        (br_if $blocksOfM (i32.lt_u (local.get $m0) (local.get $m))))
      (local.set $k0 (i32.add (local.get $k0) (local.get $kSize)))
      (br_if $blocksOfK (i32.lt_u (local.get $k0) (local.get $k))))))
