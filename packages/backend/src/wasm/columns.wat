;; Sums down the columns of a float32 matrix, and what batch-norm does with them.
;;
;; A matrix is $n values in a row; value i is in column i mod $period. Parameters and sums are rows of $period values.
;; $period is a multiple of 4: a caller with another number of columns takes several rows for one and repeats the
;; parameters. The functions that write a matrix round $n up to a multiple of 4, so there has to be room; the sums want
;; it to be one. $n >= 1.
(module
  (import "tfjs" "memory" (memory 0))

  (func $min (param $x i32) (param $y i32) (result i32)
    (select (local.get $x) (local.get $y) (i32.lt_u (local.get $x) (local.get $y))))

  ;; sum += x
  (func (export "columnSums") (param $x i32) (param $sum i32) (param $n i32) (param $period i32)
    (local $end i32) (local $size i32) (local $at i32)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $period (i32.shl (local.get $period) (i32.const 2)))
    (loop $rows
      (local.set $size (call $min (local.get $period) (i32.sub (local.get $end) (local.get $x))))
      (local.set $at (i32.const 0))
      (loop $four
        (v128.store (i32.add (local.get $sum) (local.get $at))
          (f32x4.add (v128.load (i32.add (local.get $sum) (local.get $at)))
            (v128.load (i32.add (local.get $x) (local.get $at)))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $size))))
      (br_if $rows (i32.lt_u
        (local.tee $x (i32.add (local.get $x) (local.get $size))) (local.get $end)))))

  ;; sum += x - shift, squares += (x - shift)^2
  (func (export "columnMoments")
    (param $x i32) (param $shift i32) (param $sum i32) (param $squares i32) (param $n i32) (param $period i32)
    (local $end i32) (local $size i32) (local $at i32) (local $d v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $period (i32.shl (local.get $period) (i32.const 2)))
    (loop $rows
      (local.set $size (call $min (local.get $period) (i32.sub (local.get $end) (local.get $x))))
      (local.set $at (i32.const 0))
      (loop $four
        (local.set $d (f32x4.sub (v128.load (i32.add (local.get $x) (local.get $at)))
          (v128.load (i32.add (local.get $shift) (local.get $at)))))
        (v128.store (i32.add (local.get $sum) (local.get $at))
          (f32x4.add (v128.load (i32.add (local.get $sum) (local.get $at))) (local.get $d)))
        (v128.store (i32.add (local.get $squares) (local.get $at))
          (f32x4.add (v128.load (i32.add (local.get $squares) (local.get $at)))
            (f32x4.mul (local.get $d) (local.get $d))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $size))))
      (br_if $rows (i32.lt_u
        (local.tee $x (i32.add (local.get $x) (local.get $size))) (local.get $end)))))

  ;; sum += dy, products += dy (x - mean)
  (func (export "columnProducts")
    (param $dy i32) (param $x i32) (param $mean i32) (param $sum i32) (param $products i32)
    (param $n i32) (param $period i32)
    (local $end i32) (local $size i32) (local $at i32) (local $d v128)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $period (i32.shl (local.get $period) (i32.const 2)))
    (loop $rows
      (local.set $size (call $min (local.get $period) (i32.sub (local.get $end) (local.get $x))))
      (local.set $at (i32.const 0))
      (loop $four
        (local.set $d (v128.load (i32.add (local.get $dy) (local.get $at))))
        (v128.store (i32.add (local.get $sum) (local.get $at))
          (f32x4.add (v128.load (i32.add (local.get $sum) (local.get $at))) (local.get $d)))
        (v128.store (i32.add (local.get $products) (local.get $at))
          (f32x4.add (v128.load (i32.add (local.get $products) (local.get $at)))
            (f32x4.mul (local.get $d) (f32x4.sub (v128.load (i32.add (local.get $x) (local.get $at)))
              (v128.load (i32.add (local.get $mean) (local.get $at)))))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $size))))
      (local.set $dy (i32.add (local.get $dy) (local.get $size)))
      (br_if $rows (i32.lt_u
        (local.tee $x (i32.add (local.get $x) (local.get $size))) (local.get $end)))))

  ;; y = (x - mean) scale + shift
  (func (export "normalize")
    (param $x i32) (param $mean i32) (param $scale i32) (param $shift i32) (param $y i32)
    (param $n i32) (param $period i32)
    (local $end i32) (local $size i32) (local $at i32)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $period (i32.shl (local.get $period) (i32.const 2)))
    (loop $rows
      (local.set $size (call $min (local.get $period) (i32.sub (local.get $end) (local.get $x))))
      (local.set $at (i32.const 0))
      (loop $four
        (v128.store (i32.add (local.get $y) (local.get $at))
          (f32x4.add
            (f32x4.mul
              (f32x4.sub (v128.load (i32.add (local.get $x) (local.get $at)))
                (v128.load (i32.add (local.get $mean) (local.get $at))))
              (v128.load (i32.add (local.get $scale) (local.get $at))))
            (v128.load (i32.add (local.get $shift) (local.get $at)))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $size))))
      (local.set $y (i32.add (local.get $y) (local.get $size)))
      (br_if $rows (i32.lt_u
        (local.tee $x (i32.add (local.get $x) (local.get $size))) (local.get $end)))))

  ;; dx = dy scale + (x - mean) slope + shift
  (func (export "normalizeGradient")
    (param $dy i32) (param $x i32) (param $mean i32) (param $scale i32) (param $slope i32) (param $shift i32)
    (param $dx i32) (param $n i32) (param $period i32)
    (local $end i32) (local $size i32) (local $at i32)
    (local.set $end (i32.add (local.get $x) (i32.shl (local.get $n) (i32.const 2))))
    (local.set $period (i32.shl (local.get $period) (i32.const 2)))
    (loop $rows
      (local.set $size (call $min (local.get $period) (i32.sub (local.get $end) (local.get $x))))
      (local.set $at (i32.const 0))
      (loop $four
        (v128.store (i32.add (local.get $dx) (local.get $at))
          (f32x4.add
            (f32x4.add
              (f32x4.mul (v128.load (i32.add (local.get $dy) (local.get $at)))
                (v128.load (i32.add (local.get $scale) (local.get $at))))
              (f32x4.mul
                (f32x4.sub (v128.load (i32.add (local.get $x) (local.get $at)))
                  (v128.load (i32.add (local.get $mean) (local.get $at))))
                (v128.load (i32.add (local.get $slope) (local.get $at)))))
            (v128.load (i32.add (local.get $shift) (local.get $at)))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $size))))
      (local.set $dy (i32.add (local.get $dy) (local.get $size)))
      (local.set $dx (i32.add (local.get $dx) (local.get $size)))
      (br_if $rows (i32.lt_u
        (local.tee $x (i32.add (local.get $x) (local.get $size))) (local.get $end))))))
