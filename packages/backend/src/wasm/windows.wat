;; Everything that goes over the windows of a convolution or pooling: float32, NHWC, in one memory.
;;
;; For each output position and each row of its window that lies in the image, one of six functions below is called with
;;   $x     the first pixel of that row of the window
;;   $y     the position in the output, or the row of the matrix of patches
;;   $tap   bytes from the filter's first value to that of this pixel
;;   $taps  how many pixels there are
;; All but the first want channels to be a multiple of four.
(module
  (import "tfjs" "memory" (memory 0))
  (type $row (func (param $x i32) (param $y i32) (param $tap i32) (param $taps i32)))
  (table 6 funcref)
  (elem (i32.const 0) $toPatches $fromPatches $toInput $toFilter $toLargest $toAverage)
  (global $pixel (mut i32) (i32.const 0)) ;; bytes of a pixel of x
  (global $step (mut i32) (i32.const 0)) ;; bytes from one pixel of a window to the next in its row
  (global $filter (mut i32) (i32.const 0)) ;; for $toLargest: the pixel of gradients that no tap took yet
  (global $gradient (mut i32) (i32.const 0)) ;; for $toLargest: bytes from x to its gradient
  (global $share (mut f32) (f32.const 0)) ;; for $toAverage: 1 / pixels in the window

  ;; 0: y[tap] = x
  (func $toPatches (type $row) (param $x i32) (param $y i32) (param $tap i32) (param $taps i32)
    (local $bytes i32) (local $at i32) (local $end i32)
    (local.set $y (i32.add (local.get $y) (local.get $tap)))
    (local.set $bytes (global.get $pixel))
    (if (i32.eq (global.get $step) (global.get $pixel))
      (then ;; the row is one piece
        (local.set $bytes (i32.mul (local.get $bytes) (local.get $taps)))
        (local.set $taps (i32.const 1))))
    (local.set $end (i32.and (local.get $bytes) (i32.const -16)))
    (loop $pixels
      (local.set $at (i32.const 0))
      (block $four
        (loop $next
          (br_if $four (i32.ge_u (local.get $at) (local.get $end)))
          (v128.store (i32.add (local.get $y) (local.get $at)) (v128.load (i32.add (local.get $x) (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $next)))
      (block $one
        (loop $next
          (br_if $one (i32.ge_u (local.get $at) (local.get $bytes)))
          (f32.store (i32.add (local.get $y) (local.get $at)) (f32.load (i32.add (local.get $x) (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 4)))
          (br $next)))
      (local.set $x (i32.add (local.get $x) (global.get $step)))
      (local.set $y (i32.add (local.get $y) (local.get $bytes)))
      (br_if $pixels (local.tee $taps (i32.sub (local.get $taps) (i32.const 1))))))

  ;; 1: x += y[tap]
  (func $fromPatches (type $row) (param $x i32) (param $y i32) (param $tap i32) (param $taps i32)
    (local $at i32) (local $end i32)
    (local.set $y (i32.add (local.get $y) (local.get $tap)))
    (local.set $end (global.get $pixel))
    (loop $pixels
      (local.set $at (i32.const 0))
      (loop $four
        (v128.store (i32.add (local.get $x) (local.get $at))
          (f32x4.add (v128.load (i32.add (local.get $x) (local.get $at)))
            (v128.load (i32.add (local.get $y) (local.get $at)))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
      (local.set $x (i32.add (local.get $x) (global.get $step)))
      (local.set $y (i32.add (local.get $y) (local.get $end)))
      (br_if $pixels (local.tee $taps (i32.sub (local.get $taps) (i32.const 1))))))

  ;; 2: x += y filter[tap]
  (func $toInput (type $row) (param $x i32) (param $y i32) (param $tap i32) (param $taps i32)
    (local $at i32) (local $end i32)
    (local.set $tap (i32.add (global.get $filter) (local.get $tap)))
    (local.set $end (global.get $pixel))
    (loop $pixels
      (local.set $at (i32.const 0))
      (loop $four
        (v128.store (i32.add (local.get $x) (local.get $at))
          (f32x4.add (v128.load (i32.add (local.get $x) (local.get $at)))
            (f32x4.mul (v128.load (i32.add (local.get $y) (local.get $at)))
              (v128.load (i32.add (local.get $tap) (local.get $at))))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
      (local.set $x (i32.add (local.get $x) (global.get $step)))
      (local.set $tap (i32.add (local.get $tap) (local.get $end)))
      (br_if $pixels (local.tee $taps (i32.sub (local.get $taps) (i32.const 1))))))

  ;; 3: filter[tap] += x y
  (func $toFilter (type $row) (param $x i32) (param $y i32) (param $tap i32) (param $taps i32)
    (local $at i32) (local $end i32)
    (local.set $tap (i32.add (global.get $filter) (local.get $tap)))
    (local.set $end (global.get $pixel))
    (loop $pixels
      (local.set $at (i32.const 0))
      (loop $four
        (v128.store (i32.add (local.get $tap) (local.get $at))
          (f32x4.add (v128.load (i32.add (local.get $tap) (local.get $at)))
            (f32x4.mul (v128.load (i32.add (local.get $x) (local.get $at)))
              (v128.load (i32.add (local.get $y) (local.get $at))))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
      (local.set $x (i32.add (local.get $x) (global.get $step)))
      (local.set $tap (i32.add (local.get $tap) (local.get $end)))
      (br_if $pixels (local.tee $taps (i32.sub (local.get $taps) (i32.const 1))))))

  ;; 4: the gradient of a maximum goes to the first pixel that has it
  (func $toLargest (type $row) (param $x i32) (param $y i32) (param $tap i32) (param $taps i32)
    (local $at i32) (local $end i32) (local $left i32) (local $dx i32) (local $hit v128) (local $dy v128)
    (local.set $end (global.get $pixel))
    (loop $pixels
      (local.set $at (i32.const 0))
      (loop $four
        (local.set $left (i32.add (global.get $filter) (local.get $at)))
        (local.set $dx (i32.add (i32.add (local.get $x) (global.get $gradient)) (local.get $at)))
        (local.set $dy (v128.load (local.get $left)))
        (local.set $hit (f32x4.eq (v128.load (i32.add (local.get $x) (local.get $at)))
          (v128.load (i32.add (local.get $y) (local.get $at)))))
        (v128.store (local.get $dx)
          (f32x4.add (v128.load (local.get $dx)) (v128.and (local.get $dy) (local.get $hit))))
        (v128.store (local.get $left) (v128.andnot (local.get $dy) (local.get $hit)))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
      (local.set $x (i32.add (local.get $x) (global.get $step)))
      (br_if $pixels (local.tee $taps (i32.sub (local.get $taps) (i32.const 1))))))

  ;; 5: x += y / pixels in the window
  (func $toAverage (type $row) (param $x i32) (param $y i32) (param $tap i32) (param $taps i32)
    (local $at i32) (local $end i32) (local $scale v128)
    (local.set $end (global.get $pixel))
    (local.set $scale (f32x4.splat (global.get $share)))
    (loop $pixels
      (local.set $at (i32.const 0))
      (loop $four
        (v128.store (i32.add (local.get $x) (local.get $at))
          (f32x4.add (v128.load (i32.add (local.get $x) (local.get $at)))
            (f32x4.mul (v128.load (i32.add (local.get $y) (local.get $at))) (local.get $scale))))
        (br_if $four (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $end))))
      (local.set $x (i32.add (local.get $x) (global.get $step)))
      (br_if $pixels (local.tee $taps (i32.sub (local.get $taps) (i32.const 1))))))

  ;; $bytes from $from to $to, or zeros where $from is 0, rounded up to 16.
  (func $copy (param $to i32) (param $from i32) (param $bytes i32)
    (local $at i32)
    (loop $next
      (v128.store (i32.add (local.get $to) (local.get $at))
        (if (result v128) (local.get $from)
          (then (v128.load (i32.add (local.get $from) (local.get $at))))
          (else (v128.const i32x4 0 0 0 0))))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 16))) (local.get $bytes)))))

  ;; The first tap that is not before the image, which begins $start pixels after the window.
  (func $firstTap (param $start i32) (param $dilation i32) (result i32)
    (if (result i32) (i32.ge_s (local.get $start) (i32.const 0))
      (then (i32.const 0))
      (else (i32.div_s
        (i32.sub (i32.sub (local.get $dilation) (i32.const 1)) (local.get $start)) (local.get $dilation)))))

  ;; The tap after the last one that is in the image.
  (func $lastTap (param $start i32) (param $dilation i32) (param $size i32) (param $taps i32) (result i32)
    (local $end i32)
    (local.set $end (i32.div_s
      (i32.sub (i32.add (i32.sub (local.get $size) (local.get $start)) (local.get $dilation)) (i32.const 1))
      (local.get $dilation)))
    (select (local.get $end) (local.get $taps) (i32.lt_s (local.get $end) (local.get $taps))))

  ;; $first and $last are positions in the output of the whole batch; $y is that of the first, the next is $yStep bytes
  ;; on. $dy is for 4 alone.
  (func (export "windows")
    (param $what i32) (param $x i32) (param $y i32) (param $f i32) (param $dx i32) (param $dy i32)
    (param $first i32) (param $last i32) (param $yStep i32)
    (param $height i32) (param $width i32) (param $channels i32) (param $outHeight i32) (param $outWidth i32)
    (param $filterHeight i32) (param $filterWidth i32) (param $strideHeight i32) (param $strideWidth i32)
    (param $dilationHeight i32) (param $dilationWidth i32) (param $top i32) (param $left i32)
    (local $row i32) (local $column i32) (local $image i32) (local $h i32) (local $w i32)
    (local $i i32) (local $iEnd i32) (local $j i32) (local $jEnd i32)
    (global.set $pixel (i32.shl (local.get $channels) (i32.const 2)))
    (global.set $step (i32.mul (global.get $pixel) (local.get $dilationWidth)))
    (global.set $filter (local.get $f))
    (global.set $gradient (i32.sub (local.get $dx) (local.get $x)))
    (local.set $dy (i32.sub (local.get $dy) (local.get $y)))
    (local.set $column (i32.rem_u (local.get $first) (local.get $outWidth)))
    (local.set $row (i32.div_u (local.get $first) (local.get $outWidth)))
    (local.set $image (i32.div_u (local.get $row) (local.get $outHeight)))
    (local.set $row (i32.rem_u (local.get $row) (local.get $outHeight)))
    (loop $positions
      (local.set $h (i32.sub (i32.mul (local.get $row) (local.get $strideHeight)) (local.get $top)))
      (local.set $w (i32.sub (i32.mul (local.get $column) (local.get $strideWidth)) (local.get $left)))
      (local.set $i (call $firstTap (local.get $h) (local.get $dilationHeight)))
      (local.set $iEnd
        (call $lastTap (local.get $h) (local.get $dilationHeight) (local.get $height) (local.get $filterHeight)))
      (local.set $j (call $firstTap (local.get $w) (local.get $dilationWidth)))
      (local.set $jEnd
        (call $lastTap (local.get $w) (local.get $dilationWidth) (local.get $width) (local.get $filterWidth)))
      (if (i32.eqz (local.get $what))
        (then (if (i32.or
            (i32.or (local.get $i) (i32.ne (local.get $iEnd) (local.get $filterHeight)))
            (i32.or (local.get $j) (i32.ne (local.get $jEnd) (local.get $filterWidth))))
          (then (call $copy (local.get $y) (i32.const 0) (local.get $yStep))))))
      (if (i32.eq (local.get $what) (i32.const 4))
        (then (call $copy (global.get $filter) (i32.add (local.get $y) (local.get $dy)) (global.get $pixel))))
      (if (i32.eq (local.get $what) (i32.const 5))
        (then (global.set $share (f32.div (f32.const 1) (f32.convert_i32_s
          (i32.mul (i32.sub (local.get $iEnd) (local.get $i)) (i32.sub (local.get $jEnd) (local.get $j))))))))
      (if (i32.lt_s (local.get $j) (local.get $jEnd))
        (then (block $done
          (loop $rows
            (br_if $done (i32.ge_s (local.get $i) (local.get $iEnd)))
            (call_indirect (type $row)
              (i32.add (local.get $x) (i32.mul (global.get $pixel) (i32.add
                (i32.add (local.get $w) (i32.mul (local.get $j) (local.get $dilationWidth)))
                (i32.mul (local.get $width) (i32.add
                  (i32.add (local.get $h) (i32.mul (local.get $i) (local.get $dilationHeight)))
                  (i32.mul (local.get $image) (local.get $height)))))))
              (local.get $y)
              (i32.mul (global.get $pixel) (i32.add (local.get $j) (i32.mul (local.get $i) (local.get $filterWidth))))
              (i32.sub (local.get $jEnd) (local.get $j))
              (local.get $what))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $rows)))))
      (local.set $y (i32.add (local.get $y) (local.get $yStep)))
      (local.set $column (i32.add (local.get $column) (i32.const 1)))
      (if (i32.eq (local.get $column) (local.get $outWidth))
        (then
          (local.set $column (i32.const 0))
          (local.set $row (i32.add (local.get $row) (i32.const 1)))))
      (if (i32.eq (local.get $row) (local.get $outHeight))
        (then
          (local.set $row (i32.const 0))
          (local.set $image (i32.add (local.get $image) (i32.const 1)))))
      (br_if $positions
        (i32.lt_u (local.tee $first (i32.add (local.get $first) (i32.const 1))) (local.get $last))))))
