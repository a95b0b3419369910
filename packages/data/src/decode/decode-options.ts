export interface DecodeImageOptions {
  /**
   * Turn the image as its EXIF orientation says, as Python's `datasets` does; false is what `PIL.Image.open` gives.
   *
   * @default true
   */
  exifOrientation?: boolean;
  /** Largest width times height; larger images are refused before anything is decoded. @default 178956970, as Pillow */
  maxPixels?: number;
  /** What to call the image in messages, such as its file. @default 'image' */
  name?: string;
}
