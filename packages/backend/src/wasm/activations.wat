;; Activations over n float32 values, four at a time. n is rounded up to a multiple of four, so there has to be room. n
;; >= 1.
;;
;; Polynomials are written out: V8 does not inline functions, which takes three times as long.
(module
  (import "tfjs" "memory" (memory 0))

  ;; dx = dy where 0 < y < 6, else 0
  (func (export "relu6Gradient") (param $dy i32) (param $y i32) (param $dx i32) (param $n i32)
    (local $end i32) (local $at i32) (local $v v128)
    (local.set $end (i32.shl (local.get $n) (i32.const 2)))
    (loop $four
      (local.set $v (v128.load (i32.add (local.get $y) (local.get $at))))
      (v128.store (i32.add (local.get $dx) (local.get $at))
        (v128.and (v128.load (i32.add (local.get $dy) (local.get $at)))
          (v128.and (f32x4.gt (local.get $v) (f32x4.splat (f32.const 0)))
            (f32x4.lt (local.get $v) (f32x4.splat (f32.const 6))))))
      (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))

  ;; erf as a quotient of polynomials on [-4, 4], to 2 units in the last place; the coefficients of Eigen and XLA.
  (func $erf (param $x v128) (result v128)
    (local $s v128) (local $p v128) (local $q v128)
    (local.set $x (f32x4.min (f32x4.max (local.get $x) (f32x4.splat (f32.const -4))) (f32x4.splat (f32.const 4))))
    (local.set $s (f32x4.mul (local.get $x) (local.get $x)))
    (local.set $p (f32x4.splat (f32.const -2.72614225801306e-10)))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $s)) (f32x4.splat (f32.const 2.77068142495902e-08))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $s)) (f32x4.splat (f32.const -2.10102402082508e-06))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $s)) (f32x4.splat (f32.const -5.69250639462346e-05))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $s)) (f32x4.splat (f32.const -7.34990630326855e-04))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $s)) (f32x4.splat (f32.const -2.95459980854025e-03))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $s)) (f32x4.splat (f32.const -1.60960333262415e-02))))
    (local.set $q (f32x4.splat (f32.const -1.45660718464996e-05)))
    (local.set $q (f32x4.add (f32x4.mul (local.get $q) (local.get $s)) (f32x4.splat (f32.const -2.13374055278905e-04))))
    (local.set $q (f32x4.add (f32x4.mul (local.get $q) (local.get $s)) (f32x4.splat (f32.const -1.68282697438203e-03))))
    (local.set $q (f32x4.add (f32x4.mul (local.get $q) (local.get $s)) (f32x4.splat (f32.const -7.37332916720468e-03))))
    (local.set $q (f32x4.add (f32x4.mul (local.get $q) (local.get $s)) (f32x4.splat (f32.const -1.42647390514189e-02))))
    (f32x4.div (f32x4.mul (local.get $x) (local.get $p)) (local.get $q)))

  ;; exp(x) for x <= 0: 2^k e^r with |r| <= log(2) / 2 and e^r as the series up to r^6, 1e-7 of the value.
  (func $exp (param $x v128) (result v128)
    (local $k v128) (local $r v128) (local $p v128)
    (local.set $x (f32x4.max (local.get $x) (f32x4.splat (f32.const -87))))
    (local.set $k (f32x4.nearest (f32x4.mul (local.get $x) (f32x4.splat (f32.const 1.44269504)))))
    ;; log(2) in two parts: the product of k and the first is exact.
    (local.set $r (f32x4.sub
      (f32x4.sub (local.get $x) (f32x4.mul (local.get $k) (f32x4.splat (f32.const 0.693359375))))
      (f32x4.mul (local.get $k) (f32x4.splat (f32.const -2.12194440e-4)))))
    (local.set $p (f32x4.splat (f32.const 1.38888889e-3)))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $r)) (f32x4.splat (f32.const 8.33333333e-3))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $r)) (f32x4.splat (f32.const 4.16666667e-2))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $r)) (f32x4.splat (f32.const 1.66666667e-1))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $r)) (f32x4.splat (f32.const 0.5))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $r)) (f32x4.splat (f32.const 1))))
    (local.set $p (f32x4.add (f32x4.mul (local.get $p) (local.get $r)) (f32x4.splat (f32.const 1))))
    (f32x4.mul (local.get $p)
      (i32x4.shl (i32x4.add (i32x4.trunc_sat_f32x4_s (local.get $k)) (i32x4.splat (i32.const 127))) (i32.const 23))))

  ;; The normal distribution up to x: (1 + erf(x / sqrt 2)) / 2
  (func $normal (param $x v128) (result v128)
    (f32x4.mul (f32x4.splat (f32.const 0.5))
      (f32x4.add (f32x4.splat (f32.const 1))
        (call $erf (f32x4.mul (local.get $x) (f32x4.splat (f32.const 0.70710678)))))))

  ;; y = x normal(x)
  (func (export "gelu") (param $x i32) (param $y i32) (param $n i32)
    (local $end i32) (local $at i32) (local $v v128)
    (local.set $end (i32.shl (local.get $n) (i32.const 2)))
    (loop $four
      (local.set $v (v128.load (i32.add (local.get $x) (local.get $at))))
      (v128.store (i32.add (local.get $y) (local.get $at)) (f32x4.mul (local.get $v) (call $normal (local.get $v))))
      (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end)))))

  ;; dx = dy (normal(x) + x exp(-x^2 / 2) / sqrt(2 pi))
  (func (export "geluGradient") (param $dy i32) (param $x i32) (param $dx i32) (param $n i32)
    (local $end i32) (local $at i32) (local $v v128)
    (local.set $end (i32.shl (local.get $n) (i32.const 2)))
    (loop $four
      (local.set $v (v128.load (i32.add (local.get $x) (local.get $at))))
      (v128.store (i32.add (local.get $dx) (local.get $at))
        (f32x4.mul (v128.load (i32.add (local.get $dy) (local.get $at)))
          (f32x4.add (call $normal (local.get $v))
            (f32x4.mul
              (f32x4.mul (local.get $v) (f32x4.splat (f32.const 0.39894228)))
              (call $exp (f32x4.mul (f32x4.mul (local.get $v) (local.get $v)) (f32x4.splat (f32.const -0.5))))))))
      (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))))
