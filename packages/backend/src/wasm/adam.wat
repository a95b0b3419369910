;; One update of Adam over n float32 values, four at a time, from four arrays into three others of the same memory:
;;
;;   m = b1 m + c1 g        v = b2 v + c2 g g        value -= rate * (m / (sqrt(v) / root + epsilon))
;;
;; Operations and their order are those of the composition in @kd/ops, so the results have the same bits.
(module
  (import "tfjs" "memory" (memory 0))
  (func (export "adam")
    (param $value i32) (param $g i32) (param $m i32) (param $v i32)
    (param $valueOut i32) (param $mOut i32) (param $vOut i32) (param $n i32)
    (param $b1 f32) (param $c1 f32) (param $b2 f32) (param $c2 f32)
    (param $root f32) (param $epsilon f32) (param $rate f32)
    (local $end i32) (local $at i32)
    (local $G v128) (local $M v128) (local $V v128)
    (local $gs f32) (local $ms f32) (local $vs f32)
    ;; $at runs over bytes; the last n mod 4 values go one by one.
    (local.set $end (i32.shl (i32.and (local.get $n) (i32.const -4)) (i32.const 2)))
    (block $done
      (loop $four
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $G (v128.load (i32.add (local.get $g) (local.get $at))))
        (local.set $M (f32x4.add
          (f32x4.mul (v128.load (i32.add (local.get $m) (local.get $at))) (f32x4.splat (local.get $b1)))
          (f32x4.mul (local.get $G) (f32x4.splat (local.get $c1)))))
        (local.set $V (f32x4.add
          (f32x4.mul (v128.load (i32.add (local.get $v) (local.get $at))) (f32x4.splat (local.get $b2)))
          (f32x4.mul (f32x4.mul (local.get $G) (local.get $G)) (f32x4.splat (local.get $c2)))))
        (v128.store (i32.add (local.get $mOut) (local.get $at)) (local.get $M))
        (v128.store (i32.add (local.get $vOut) (local.get $at)) (local.get $V))
        (v128.store (i32.add (local.get $valueOut) (local.get $at))
          (f32x4.sub (v128.load (i32.add (local.get $value) (local.get $at)))
            (f32x4.mul
              (f32x4.div (local.get $M)
                (f32x4.add (f32x4.div (f32x4.sqrt (local.get $V)) (f32x4.splat (local.get $root)))
                  (f32x4.splat (local.get $epsilon))))
              (f32x4.splat (local.get $rate)))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $four)))
    (local.set $end (i32.shl (local.get $n) (i32.const 2)))
    (block $finished
      (loop $one
        (br_if $finished (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $gs (f32.load (i32.add (local.get $g) (local.get $at))))
        (local.set $ms (f32.add
          (f32.mul (f32.load (i32.add (local.get $m) (local.get $at))) (local.get $b1))
          (f32.mul (local.get $gs) (local.get $c1))))
        (local.set $vs (f32.add
          (f32.mul (f32.load (i32.add (local.get $v) (local.get $at))) (local.get $b2))
          (f32.mul (f32.mul (local.get $gs) (local.get $gs)) (local.get $c2))))
        (f32.store (i32.add (local.get $mOut) (local.get $at)) (local.get $ms))
        (f32.store (i32.add (local.get $vOut) (local.get $at)) (local.get $vs))
        (f32.store (i32.add (local.get $valueOut) (local.get $at))
          (f32.sub (f32.load (i32.add (local.get $value) (local.get $at)))
            (f32.mul
              (f32.div (local.get $ms)
                (f32.add (f32.div (f32.sqrt (local.get $vs)) (local.get $root)) (local.get $epsilon)))
              (local.get $rate))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br $one)))))
