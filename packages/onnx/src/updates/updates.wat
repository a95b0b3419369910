;; Updates in place over runs of n float32 values of one memory, four at a time. Addresses are in bytes; n is rounded up
;; to a multiple of four, so there has to be room. n >= 1. Every gradient is read as scale * g.
;;
;; Operations and their order are those of the twin in TypeScript (js-kernels.ts) and, where scale is 1, of the
;; compositions in @kd/ops, so the results have the same bits, but for those near 2^-126, the smallest normal number of
;; float32: a processor takes tens of times as long for what is below, and moments of weights that no longer learn would
;; stay there for ever. Such moments are 0; so are Adam's gradients below 2^-58, whose squares would come to that.
(module
  (import "kd" "memory" (memory 0))

  ;; value -= rate (g + decay value)
  (func (export "sgd")
    (param $value i32) (param $g i32) (param $n i32) (param $scale f32) (param $rate f32) (param $decay f32)
    (local $end i32) (local $at i32) (local $x v128) (local $address i32)
    (local.set $end (i32.shl (local.get $n) (i32.const 2)))
    (loop $four
      (local.set $address (i32.add (local.get $value) (local.get $at)))
      (local.set $x (v128.load (local.get $address)))
      (v128.store (local.get $address)
        (f32x4.sub (local.get $x)
          (f32x4.mul
            (f32x4.add
              (f32x4.mul (v128.load (i32.add (local.get $g) (local.get $at))) (f32x4.splat (local.get $scale)))
              (f32x4.mul (local.get $x) (f32x4.splat (local.get $decay))))
            (f32x4.splat (local.get $rate)))))
      (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))

  ;; G = g + decay value, velocity = momentum velocity + G, value -= rate (nesterov ? G + momentum velocity : velocity)
  (func (export "momentum")
    (param $value i32) (param $g i32) (param $velocity i32) (param $n i32)
    (param $scale f32) (param $rate f32) (param $momentum f32) (param $decay f32) (param $nesterov i32)
    (local $end i32) (local $at i32) (local $x v128) (local $G v128) (local $V v128) (local $address i32)
    (local.set $end (i32.shl (local.get $n) (i32.const 2)))
    (loop $four
      (local.set $x (v128.load (i32.add (local.get $value) (local.get $at))))
      (local.set $G (f32x4.add
        (f32x4.mul (v128.load (i32.add (local.get $g) (local.get $at))) (f32x4.splat (local.get $scale)))
        (f32x4.mul (local.get $x) (f32x4.splat (local.get $decay)))))
      (local.set $address (i32.add (local.get $velocity) (local.get $at)))
      (local.set $V (f32x4.add
        (f32x4.mul (v128.load (local.get $address)) (f32x4.splat (local.get $momentum)))
        (local.get $G)))
      (local.set $V (v128.andnot (local.get $V)
        (f32x4.lt (f32x4.abs (local.get $V)) (f32x4.splat (f32.const 0x1p-126)))))
      (v128.store (local.get $address) (local.get $V))
      (if (local.get $nesterov)
        (then (local.set $V (f32x4.add (local.get $G)
          (f32x4.mul (local.get $V) (f32x4.splat (local.get $momentum)))))))
      (v128.store (i32.add (local.get $value) (local.get $at))
        (f32x4.sub (local.get $x) (f32x4.mul (local.get $V) (f32x4.splat (local.get $rate)))))
      (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))

  ;; m = b1 m + c1 g, v = b2 v + c2 g g, value = keep value - rate (m / (sqrt(v) / root + epsilon))
  (func (export "adam")
    (param $value i32) (param $g i32) (param $m i32) (param $v i32) (param $n i32) (param $scale f32)
    (param $b1 f32) (param $c1 f32) (param $b2 f32) (param $c2 f32)
    (param $root f32) (param $epsilon f32) (param $rate f32) (param $keep f32)
    (local $end i32) (local $at i32) (local $G v128) (local $M v128) (local $V v128) (local $address i32)
    (local.set $end (i32.shl (local.get $n) (i32.const 2)))
    (loop $four
      (local.set $G (f32x4.mul (v128.load (i32.add (local.get $g) (local.get $at))) (f32x4.splat (local.get $scale))))
      (local.set $G (v128.andnot (local.get $G)
        (f32x4.lt (f32x4.abs (local.get $G)) (f32x4.splat (f32.const 0x1p-58)))))
      (local.set $address (i32.add (local.get $m) (local.get $at)))
      (local.set $M (f32x4.add
        (f32x4.mul (v128.load (local.get $address)) (f32x4.splat (local.get $b1)))
        (f32x4.mul (local.get $G) (f32x4.splat (local.get $c1)))))
      (local.set $M (v128.andnot (local.get $M)
        (f32x4.lt (f32x4.abs (local.get $M)) (f32x4.splat (f32.const 0x1p-126)))))
      (v128.store (local.get $address) (local.get $M))
      (local.set $address (i32.add (local.get $v) (local.get $at)))
      (local.set $V (f32x4.add
        (f32x4.mul (v128.load (local.get $address)) (f32x4.splat (local.get $b2)))
        (f32x4.mul (f32x4.mul (local.get $G) (local.get $G)) (f32x4.splat (local.get $c2)))))
      (local.set $V (v128.andnot (local.get $V)
        (f32x4.lt (local.get $V) (f32x4.splat (f32.const 0x1p-126)))))
      (v128.store (local.get $address) (local.get $V))
      (local.set $address (i32.add (local.get $value) (local.get $at)))
      (v128.store (local.get $address)
        (f32x4.sub
          (f32x4.mul (v128.load (local.get $address)) (f32x4.splat (local.get $keep)))
          (f32x4.mul
            (f32x4.div (local.get $M)
              (f32x4.add (f32x4.div (f32x4.sqrt (local.get $V)) (f32x4.splat (local.get $root)))
                (f32x4.splat (local.get $epsilon))))
            (f32x4.splat (local.get $rate)))))
      (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))

  ;; average += rest (value - average)
  (func (export "ema")
    (param $average i32) (param $value i32) (param $n i32) (param $rest f32)
    (local $end i32) (local $at i32) (local $address i32) (local $a v128)
    (local.set $end (i32.shl (local.get $n) (i32.const 2)))
    (loop $four
      (local.set $address (i32.add (local.get $average) (local.get $at)))
      (local.set $a (v128.load (local.get $address)))
      (v128.store (local.get $address)
        (f32x4.add (local.get $a)
          (f32x4.mul
            (f32x4.sub (v128.load (i32.add (local.get $value) (local.get $at))) (local.get $a))
            (f32x4.splat (local.get $rest)))))
      (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))

  ;; sum += g
  (func (export "accumulate") (param $sum i32) (param $g i32) (param $n i32)
    (local $end i32) (local $at i32) (local $address i32)
    (local.set $end (i32.shl (local.get $n) (i32.const 2)))
    (loop $four
      (local.set $address (i32.add (local.get $sum) (local.get $at)))
      (v128.store (local.get $address)
        (f32x4.add (v128.load (local.get $address)) (v128.load (i32.add (local.get $g) (local.get $at)))))
      (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))

  ;; sum of g^2, in doubles: squares of float32 are exact there
  (func (export "sumOfSquares") (param $g i32) (param $n i32) (result f64)
    (local $end i32) (local $at i32) (local $low v128) (local $high v128) (local $x v128) (local $y v128)
    (local.set $end (i32.shl (local.get $n) (i32.const 2)))
    (loop $four
      (local.set $x (v128.load (i32.add (local.get $g) (local.get $at))))
      (local.set $y (f64x2.promote_low_f32x4 (i8x16.shuffle 8 9 10 11 12 13 14 15 0 1 2 3 4 5 6 7
        (local.get $x) (local.get $x))))
      (local.set $x (f64x2.promote_low_f32x4 (local.get $x)))
      (local.set $low (f64x2.add (local.get $low) (f64x2.mul (local.get $x) (local.get $x))))
      (local.set $high (f64x2.add (local.get $high) (f64x2.mul (local.get $y) (local.get $y))))
      (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
    (local.set $low (f64x2.add (local.get $low) (local.get $high)))
    (f64.add (f64x2.extract_lane 0 (local.get $low)) (f64x2.extract_lane 1 (local.get $low)))))
