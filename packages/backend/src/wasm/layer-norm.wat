;; Layer-norm and its gradient over rows of $columns float32 values, rows >= 1, columns >= 1.
;;
;; What is written is rounded up to a multiple of four values, so there has to be room after the last row. Comparisons
;; of 0 4 8 12 with the row's end keep what is behind it out of its sums.
(module
  (import "tfjs" "memory" (memory 0))

  (func $total (param $v v128) (result f32)
    (f32.add
      (f32.add (f32x4.extract_lane 0 (local.get $v)) (f32x4.extract_lane 1 (local.get $v)))
      (f32.add (f32x4.extract_lane 2 (local.get $v)) (f32x4.extract_lane 3 (local.get $v)))))

  ;; $saved has mean and 1 / sqrt(variance + epsilon) of each row.
  (func (export "layerNorm")
    (param $x i32) (param $gamma i32) (param $beta i32) (param $y i32) (param $saved i32)
    (param $rows i32) (param $columns i32) (param $epsilon f32)
    (local $size i32) (local $at i32) (local $sum v128) (local $mean v128) (local $inverse v128) (local $d v128)
    (local.set $size (i32.shl (local.get $columns) (i32.const 2)))
    (loop $next
      (local.set $at (i32.const 0))
      (local.set $sum (v128.const i32x4 0 0 0 0))
      (loop $four
        (local.set $sum (f32x4.add (local.get $sum)
          (v128.and (v128.load (i32.add (local.get $x) (local.get $at))) (i32x4.lt_s
            (i32x4.add (i32x4.splat (local.get $at)) (v128.const i32x4 0 4 8 12)) (i32x4.splat (local.get $size))))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $size))))
      (local.set $mean (f32x4.splat
        (f32.div (call $total (local.get $sum)) (f32.convert_i32_u (local.get $columns)))))
      (local.set $at (i32.const 0))
      (local.set $sum (v128.const i32x4 0 0 0 0))
      (loop $four
        (local.set $d (v128.and
          (f32x4.sub (v128.load (i32.add (local.get $x) (local.get $at))) (local.get $mean))
          (i32x4.lt_s
            (i32x4.add (i32x4.splat (local.get $at)) (v128.const i32x4 0 4 8 12)) (i32x4.splat (local.get $size)))))
        (local.set $sum (f32x4.add (local.get $sum) (f32x4.mul (local.get $d) (local.get $d))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $size))))
      (local.set $inverse (f32x4.splat (f32.div (f32.const 1) (f32.sqrt (f32.add
        (f32.div (call $total (local.get $sum)) (f32.convert_i32_u (local.get $columns))) (local.get $epsilon))))))
      (local.set $at (i32.const 0))
      (loop $four
        (v128.store (i32.add (local.get $y) (local.get $at))
          (f32x4.add
            (f32x4.mul
              (f32x4.mul
                (f32x4.sub (v128.load (i32.add (local.get $x) (local.get $at))) (local.get $mean))
                (local.get $inverse))
              (v128.load (i32.add (local.get $gamma) (local.get $at))))
            (v128.load (i32.add (local.get $beta) (local.get $at)))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $size))))
      (f32.store (local.get $saved) (f32x4.extract_lane 0 (local.get $mean)))
      (f32.store offset=4 (local.get $saved) (f32x4.extract_lane 0 (local.get $inverse)))
      (local.set $saved (i32.add (local.get $saved) (i32.const 8)))
      (local.set $x (i32.add (local.get $x) (local.get $size)))
      (local.set $y (i32.add (local.get $y) (local.get $size)))
      (br_if $next (local.tee $rows (i32.sub (local.get $rows) (i32.const 1))))))

  ;; With g = dy gamma and n = (x - mean) inverse: dx = inverse (g - mean(g) - n mean(g n)), dGamma += dy n, dBeta +=
  ;; dy.
  (func (export "layerNormGradient")
    (param $dy i32) (param $x i32) (param $gamma i32) (param $saved i32) (param $dx i32)
    (param $dGamma i32) (param $dBeta i32) (param $rows i32) (param $columns i32)
    (local $size i32) (local $at i32) (local $mean v128) (local $inverse v128) (local $dyAt v128) (local $n v128)
    (local $g v128) (local $sum v128) (local $products v128)
    (local.set $size (i32.shl (local.get $columns) (i32.const 2)))
    (loop $next
      (local.set $mean (v128.load32_splat (local.get $saved)))
      (local.set $inverse (v128.load32_splat offset=4 (local.get $saved)))
      (local.set $at (i32.const 0))
      (local.set $sum (v128.const i32x4 0 0 0 0))
      (local.set $products (v128.const i32x4 0 0 0 0))
      (loop $four
        (local.set $dyAt (v128.load (i32.add (local.get $dy) (local.get $at))))
        (local.set $n (f32x4.mul
          (f32x4.sub (v128.load (i32.add (local.get $x) (local.get $at))) (local.get $mean)) (local.get $inverse)))
        (v128.store (i32.add (local.get $dBeta) (local.get $at))
          (f32x4.add (v128.load (i32.add (local.get $dBeta) (local.get $at))) (local.get $dyAt)))
        (v128.store (i32.add (local.get $dGamma) (local.get $at))
          (f32x4.add (v128.load (i32.add (local.get $dGamma) (local.get $at)))
            (f32x4.mul (local.get $dyAt) (local.get $n))))
        (local.set $g (f32x4.mul (local.get $dyAt) (v128.load (i32.add (local.get $gamma) (local.get $at)))))
        (local.set $sum (f32x4.add (local.get $sum)
          (v128.and (local.get $g) (i32x4.lt_s
            (i32x4.add (i32x4.splat (local.get $at)) (v128.const i32x4 0 4 8 12)) (i32x4.splat (local.get $size))))))
        (local.set $products (f32x4.add (local.get $products)
          (v128.and (f32x4.mul (local.get $g) (local.get $n)) (i32x4.lt_s
            (i32x4.add (i32x4.splat (local.get $at)) (v128.const i32x4 0 4 8 12)) (i32x4.splat (local.get $size))))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $size))))
      (local.set $sum (f32x4.splat
        (f32.div (call $total (local.get $sum)) (f32.convert_i32_u (local.get $columns)))))
      (local.set $products (f32x4.splat
        (f32.div (call $total (local.get $products)) (f32.convert_i32_u (local.get $columns)))))
      (local.set $at (i32.const 0))
      (loop $four
        (local.set $n (f32x4.mul
          (f32x4.sub (v128.load (i32.add (local.get $x) (local.get $at))) (local.get $mean)) (local.get $inverse)))
        (local.set $g (f32x4.mul (v128.load (i32.add (local.get $dy) (local.get $at)))
          (v128.load (i32.add (local.get $gamma) (local.get $at)))))
        (v128.store (i32.add (local.get $dx) (local.get $at))
          (f32x4.mul (local.get $inverse)
            (f32x4.sub (f32x4.sub (local.get $g) (local.get $sum))
              (f32x4.mul (local.get $n) (local.get $products)))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $size))))
      (local.set $saved (i32.add (local.get $saved) (i32.const 8)))
      (local.set $dy (i32.add (local.get $dy) (local.get $size)))
      (local.set $x (i32.add (local.get $x) (local.get $size)))
      (local.set $dx (i32.add (local.get $dx) (local.get $size)))
      (br_if $next (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))))
